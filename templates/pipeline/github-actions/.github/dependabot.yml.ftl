version: 2
updates:
<#list updates as update>
  - package-ecosystem: [=update.ecosystem]
    directories:
<#list update.directories as directory>
      - [=directory]
</#list>
    schedule:
      interval: weekly
    cooldown:
      default-days: 7 # a release that is malicious or broken is mostly found in its first days
    groups:
      minor-and-patch:
        update-types: [minor, patch]
</#list>
