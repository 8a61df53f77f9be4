[#-- What stands at the top of a tree. Texts of the catalogue and checked names only: what a user may write freely isn't in here. --]
[@file "Makefile"]
# One environment at a time: make plan ENV=dev, then make apply ENV=dev. Nothing is applied that was not planned before.
ENGINE := [=engine]
ENV ?= [=environments?first.name]
[#if isComponents]
# In the order in which they need each other; one alone by COMPONENTS=name.
COMPONENTS ?= [#list order as c][=c][#sep] [/#list]
[/#if]

.DEFAULT_GOAL := help
.PHONY: help fmt check init plan guard apply lock bootstrap destroy-dev

help: ## what there is
	@sed -n 's/^\([a-z-]*\):.*## /\1: /p' Makefile

fmt: ## lay out all files
	$(ENGINE) fmt -recursive

check: ## everything that needs no account
	$(ENGINE) fmt -check -recursive
	@set -e; for dir in modules/* [#if bootstrap]bootstrap [/#if][#if isComponents]environments/*/*[#else]environments/*[/#if]; do \
	  [ -f "$$dir/versions.tf" ] || continue; echo "== $$dir"; \
	  (cd "$$dir" && $(ENGINE) init -backend=false -input=false >/dev/null && $(ENGINE) validate && $(ENGINE) test); done
[#if isComponents]

init: ## get providers and connect to the states
	@set -e; for c in $(COMPONENTS); do $(ENGINE) -chdir=environments/$(ENV)/$$c init -input=false; done

plan: ## what would change; each plan is kept for apply
	@set -e; for c in $(COMPONENTS); do $(ENGINE) -chdir=environments/$(ENV)/$$c plan -input=false -out=plan.tfplan; done

guard: ## does a plan destroy what holds data? It may by destroy-approval.yaml only
	@set -e; for c in $(COMPONENTS); do $(ENGINE) -chdir=environments/$(ENV)/$$c show -json plan.tfplan >plan.json; python3 scripts/destroy-guard plan.json; done

apply: guard ## what was planned, one component after the other
	@set -e; for c in $(COMPONENTS); do $(ENGINE) -chdir=environments/$(ENV)/$$c apply -input=false plan.tfplan; done
[#else]

init: ## get providers and connect to the state
	$(ENGINE) -chdir=environments/$(ENV) init -input=false

plan: ## what would change; the plan is kept for apply
	$(ENGINE) -chdir=environments/$(ENV) plan -input=false -out=plan.tfplan

guard: ## does the plan destroy what holds data? It may by destroy-approval.yaml only
	$(ENGINE) -chdir=environments/$(ENV) show -json plan.tfplan >plan.json
	python3 scripts/destroy-guard plan.json

apply: guard ## what was planned
	$(ENGINE) -chdir=environments/$(ENV) apply -input=false plan.tfplan
[/#if]

lock: ## record the providers' checksums for the platforms that are in use
	@set -e; for dir in [#if bootstrap]bootstrap [/#if][#if isComponents]environments/$(ENV)/*[#else]environments/$(ENV)[/#if]; do \
	  $(ENGINE) -chdir="$$dir" providers lock -platform=linux_amd64 -platform=linux_arm64 -platform=darwin_arm64; done
[#if bootstrap]

bootstrap: ## make the store of the states, then move its own state into it
	$(ENGINE) -chdir=bootstrap init -input=false
	$(ENGINE) -chdir=bootstrap apply
	scripts/migrate-state
[/#if]

destroy-dev: ## all of a development environment, from a scratch copy where nothing is protected
	scripts/destroy-dev $(ENV)
[/@file]
[@file ".gitignore"]
# Kept in git on purpose: .terraform.lock.hcl, which pins providers, and terraform.tfvars, which has no secrets.
.terraform/
*.tfstate
*.tfstate.*
*.tfplan
plan.json
crash.log
crash.*.log
*_override.tf
*_override.tofu
*.secret.tfvars
*.auto.tfvars
.terraformrc
terraform.rc
[/@file]
[@file ".tflint.hcl"]
plugin "terraform" {
  enabled = true
  preset  = "all"
}
[/@file]
[@file ".checkov.yaml"]
# What is left out has its reason beside the resource: #checkov:skip=ID:reason.
framework:
  - terraform
download-external-modules: false
quiet: true
compact: true
[#if relaxed?has_content]
# What smaller environments don't keep on purpose; production keeps all of it, by its tfvars.
skip-check:
[#list relaxed as r]
  # [=r.environments]: [=r.reason?no_esc]
  - [=r.check?no_esc]
[/#list]
[/#if]
[/@file]
[@file "trivy.yaml"]
scan:
  scanners:
    - misconfig
  skip-dirs:
    - "**/.terraform"
exit-code: 1
[/@file]
[@file ".pre-commit-config.yaml"]
# The tools that are installed here, as make check and CI use them.
repos:
  - repo: local
    hooks:
      - id: fmt
        name: [=engine] fmt
        entry: [=engine] fmt -check -recursive
        language: system
        files: \.(tf|tofu|tfvars|tftest\.hcl)$
        pass_filenames: false
      - id: tflint
        name: tflint
        entry: tflint --recursive --config=.tflint.hcl
        language: system
        files: \.tf$
        pass_filenames: false
      - id: checkov
        name: checkov
        entry: checkov --config-file .checkov.yaml --directory .
        language: system
        files: \.tf$
        pass_filenames: false
[/@file]
[#if bootstrap]
[@file "scripts/migrate-state"]
#!/bin/sh
# Moves the local state of bootstrap/ into the store that it made.
set -eu
cd "$(dirname "$0")/../bootstrap"

if [ ! -f terraform.tfstate ]; then
  echo "error: there is no local state in bootstrap/" >&2
  echo "hint: make bootstrap makes the store first" >&2
  exit 3
fi
if [ -f backend.tf ]; then
  echo "error: bootstrap/backend.tf is there already, so the state was moved before" >&2
  exit 3
fi
cp backend.tf.after backend.tf
if ! [=engine] init -input=false -migrate-state -force-copy; then
  rm backend.tf
  echo "error: the state was not moved; it is still bootstrap/terraform.tfstate" >&2
  exit 1
fi
# The store is asked, not what is left here.
[=engine] state list >/dev/null
echo "moved; commit bootstrap/backend.tf"
[/@file]
[/#if]
[@file "scripts/destroy-dev"]
#!/bin/sh
# Destroys a development environment, and no other: in a scratch copy of the tree whose files take the protection away.
set -eu
cd "$(dirname "$0")/.."
environment=${1:?usage: scripts/destroy-dev ENVIRONMENT [OPTION OF DESTROY...]}
shift

case $environment in
[#list environments?filter(e -> e.profile == "dev") as e]
  [=e.name]) ;;
[/#list]
  *)
    echo "error: $environment is no development environment" >&2
    exit 3 ;;
esac

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
cp -R modules environments "$scratch"
rm -rf "$scratch"/environments/"$environment"/.terraform "$scratch"/environments/"$environment"/*/.terraform
[#if !tofu]

unprotect() { # MODULE TYPE NAME
  printf 'resource "%s" "%s" {\n  lifecycle {\n    prevent_destroy = false\n  }\n}\n' "$2" "$3" >>"$scratch/modules/$1/zz_destroy_override.tf"
}
[#list protected as p]
unprotect [=p.module] [=p.type] [=p.name]
[/#list]
[/#if]

[#if isComponents]
for component in [#list order?reverse as c][=c][#sep] [/#list]; do
  [=engine] -chdir="$scratch/environments/$environment/$component" init -input=false
  [=engine] -chdir="$scratch/environments/$environment/$component" destroy "$@"
done
[#else]
[=engine] -chdir="$scratch/environments/$environment" init -input=false
[=engine] -chdir="$scratch/environments/$environment" destroy "$@"
[/#if]
[/@file]
[@file "ENVIRONMENTS.md"]
# Environments

The same modules with other sizes. Each value stands in `environments/<name>/[#if isComponents]<component>/[/#if]terraform.tfvars`.

| | [#list environments as e][=e.name] | [/#list]
| --- | [#list environments as e]--- | [/#list]
| sizes of | [#list environments as e][=e.profile] | [/#list]
| addresses | [#list environments as e]`[=e.cidr]` | [/#list]
| region | [#list environments as e][=region] | [/#list]
| needs [=engineTitle] | [#list environments as e]>= [=e.floor] | [/#list]

The addresses do not overlap. Each environment has a /12 of its own, of which it uses the first free /16: the rest is room for peering and growth.

## Sizes, and why they differ

| module | what | [#list environments as e][=e.name] | [/#list]why |
| --- | --- | [#list environments as e]--- | [/#list]--- |
[#list sizes as s]
| [=s.module] | `[=s.name]` | [#list s.values as v]`[=v?replace("\\s+", " ", "r")?replace("|", "\\|")?no_esc]` | [/#list][=s.reason?no_esc] |
[/#list]

## Costs

Roughly, in [=priced.currency()] a month, by prices of [=priced.date()] ([=priced.source()?no_esc]). An estimate of what stands still: traffic, storage and requests come on top.

| module | [#list environments as e][=e.name] | [/#list]for |
| --- | [#list environments as e]---: | [/#list]--- |
[#list costs as c]
| [=c.module] | [#list c.values as v][=v] | [/#list][=c.basis?no_esc] |
[/#list]
| **sum** | [#list totals as t]**[=t]** | [/#list] |
[/@file]
[@file "README.md"]
# [=name]: infrastructure on [=provider.title()]

Written by terraform_scaffolder; read, change and commit it like your own. A later run keeps what you changed.

| module | what it creates |
| --- | --- |
[#list modules as m]
| [[=m.id()]](modules/[=m.id()]/README.md) | [=m.summary()?no_esc] |
[/#list]

[#if isComponents]
Each environment has a root and a state for each component, wired by `terraform_remote_state`. They are applied in this order, which `make` knows:

[#list order as c]
1. `[=c]`[#if needs[c]?has_content] (after [#list needs[c] as n]`[=n]`[#sep], [/#list])[/#if]
[/#list]
[#else]
Each environment is a root with a state of its own in `environments/`.
[/#if]

[#list diagrams as d]
## [=d.name]

[=d.profile?cap_first] sizes, addresses `[=d.cidr]`, roughly [=d.cost] [=priced.currency()] a month. What differs from the others, and why, is in [ENVIRONMENTS.md](ENVIRONMENTS.md).

```mermaid
flowchart LR
  subgraph [=d.id]["[=d.name]"]
[#list d.nodes as n]
    [=n.id]["[=n.label?no_esc]"]
[/#list]
  end
[#list d.edges as e]
  [=e.from] --> [=e.to]
[/#list]
```

[/#list]
## From an empty account to a running environment

You need [=engineTitle] >= [=floor], an account of [=provider.title()], and its credentials in the environment of your shell.

```sh
make check                    # needs no account
[#if bootstrap]
make bootstrap                # once: the store of the states, [=store], and its own state moved into it
git add bootstrap/backend.tf
[/#if]
[#list fillIns as file, variables]
# fill in [#list variables as v][=v][#sep], [/#list] in [=file]
[/#list]
[#list environments as e]
[#if isComponents]
for c in [#list order as c][=c][#sep] [/#list]; do make init plan apply ENV=[=e.name] COMPONENTS=$c; done
[#else]
make init plan ENV=[=e.name]  # read the plan
make apply ENV=[=e.name]
[/#if]
[/#list]
make lock                     # once for each: commit the .terraform.lock.hcl
```
[#if isComponents]

The first time, a component can be planned only when those before it are applied; from then on `make plan` and `make apply` go through all.
[/#if]
[#if tofu]

States are encrypted before they are stored: set `TF_VAR_state_passphrase` first, from your secret store, and never lose it.
[/#if]

## Permissions

Who applies needs at least:

[#list modules as m]
[#if m.permissions()?has_content]
- [=m.id()]: [#list m.permissions() as p]`[=p?no_esc]`[#sep], [/#list]
[/#if]
[/#list]

Who plans needs to read the same, and the state.

## Taking it down

[#if environments?filter(e -> e.profile == "dev")?has_content]
`make destroy-dev ENV=[=environments?filter(e -> e.profile == "dev")?first.name]` destroys a development environment[#if !tofu], from a scratch copy: in the tree itself every resource that holds data refuses to be destroyed[/#if].
[/#if]
Elsewhere a resource that holds data is destroyed on purpose only: its module's `prevent_destroy` and the provider's own deletion protection are taken away in a reviewed change, and `destroy-approval.yaml` names its address with a reason, since `make apply` and CI stop at a plan that `scripts/destroy-guard` blocks.
[/@file]
