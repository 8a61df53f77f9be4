package lib.scan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What lies around the code of a project: CI configuration that is there already, and the licence. */
final class Surroundings {
    /** By a pattern of the file's path; what a platform reads only at the root is looked for there only. */
    private static final Map<Pattern, String> CI = new LinkedHashMap<>();
    /** What only the text of one licence says, in lower case with single blanks; the first that holds decides. */
    private static final Map<Pattern, String> LICENCES = new LinkedHashMap<>();
    private static final Pattern LICENCE_FILE = Pattern.compile("(?i)(licen[sc]e|copying|unlicen[sc]e)([._-].*)?");
    private static final int LICENCE_HEAD = 3_000;

    static {
        ci("\\.github/workflows/[^/]+\\.ya?ml", "github-actions");
        ci("\\.gitlab-ci\\.ya?ml", "gitlab-ci");
        ci("(.*/)?Jenkinsfile([._-][\\w-]+)?", "jenkins");
        ci("\\.circleci/config\\.ya?ml", "circleci");
        ci("\\.?azure-pipelines(-[\\w-]+)?\\.ya?ml|\\.azure-pipelines/.+\\.ya?ml", "azure-pipelines");
        ci("bitbucket-pipelines\\.ya?ml", "bitbucket-pipelines");
        ci("\\.travis\\.ya?ml", "travis-ci");
        ci("\\.?appveyor\\.ya?ml", "appveyor");
        ci("\\.drone\\.(ya?ml|jsonnet|star)", "drone");
        ci("\\.woodpecker(\\.ya?ml|/.+\\.ya?ml)", "woodpecker");
        ci("\\.buildkite/.*pipeline.*\\.(ya?ml|json)", "buildkite");
        ci("\\.cirrus\\.(ya?ml|star)", "cirrus-ci");
        ci("\\.semaphore/.+\\.ya?ml", "semaphore");
        ci("\\.teamcity/.+\\.(kts|xml)", "teamcity");
        ci("\\.builds?/[^/]+\\.ya?ml|\\.build\\.ya?ml", "sourcehut");
        ci("codefresh\\.ya?ml|\\.codefresh/.+\\.ya?ml", "codefresh");
        ci("buildspec\\.ya?ml", "aws-codebuild");
        ci("cloudbuild\\.(ya?ml|json)", "google-cloud-build");
        ci("bitrise\\.ya?ml", "bitrise");
        ci("\\.forgejo/workflows/[^/]+\\.ya?ml", "forgejo-actions");
        ci("\\.gitea/workflows/[^/]+\\.ya?ml", "gitea-actions");
        ci("\\.tekton/[^/]+\\.ya?ml", "tekton");

        licence("gnu affero general public license", "AGPL-3.0-only");
        licence("gnu lesser general public license.{0,40}version 2\\.1", "LGPL-2.1-only");
        licence("gnu lesser general public license", "LGPL-3.0-only");
        licence("gnu general public license.{0,40}version 2", "GPL-2.0-only");
        licence("gnu general public license", "GPL-3.0-only");
        licence("mozilla public license,? version 2\\.0|mozilla public license version 2\\.0", "MPL-2.0");
        licence("apache license,? version 2\\.0|licensed under the apache license", "Apache-2.0");
        licence("eclipse public license - v 2\\.0", "EPL-2.0");
        licence("business source license 1\\.1", "BUSL-1.1");
        licence("boost software license - version 1\\.0", "BSL-1.0");
        licence("this is free and unencumbered software", "Unlicense");
        licence("cc0 1\\.0 universal", "CC0-1.0");
        licence("attribution-sharealike 4\\.0 international", "CC-BY-SA-4.0");
        licence("attribution 4\\.0 international", "CC-BY-4.0");
        licence("permission is hereby granted, free of charge, to any person obtaining a copy", "MIT");
        licence("permission to use, copy, modify, and(/or)? distribute this software for any purpose with or without fee is hereby granted, provided", "ISC");
        licence("permission to use, copy, modify, and(/or)? distribute this software for any purpose with or without fee is hereby granted\\.", "0BSD");
        licence("redistribution and use in source and binary forms.*neither the name", "BSD-3-Clause");
        licence("redistribution and use in source and binary forms", "BSD-2-Clause");
        licence("this software is provided 'as-is', without any express or implied warranty", "Zlib");
    }

    private Surroundings() {}

    private static void ci(String path, String platform) {
        CI.put(Pattern.compile(path), platform);
    }

    private static void licence(String text, String id) {
        LICENCES.put(Pattern.compile(text, Pattern.DOTALL), id);
    }

    static List<ProjectFacts.ExistingCi> existingCi(Project project) {
        List<ProjectFacts.ExistingCi> found = new ArrayList<>();
        for (String file : project.files()) {
            // Of the tens of thousands of files of a large project, only those in few and known places are worth a pattern.
            boolean possible = file.indexOf('/') < 0 || file.startsWith(".") || file.contains("Jenkinsfile");
            if (possible) {
                CI.entrySet().stream().filter(e -> e.getKey().matcher(file).matches()).findFirst()
                        .ifPresent(e -> found.add(new ProjectFacts.ExistingCi(e.getValue(), file)));
            }
        }
        return found;
    }

    /** The SPDX expression of the licence files at the root: two of them are a choice. */
    static String licence(Project project) {
        Set<String> ids = new LinkedHashSet<>();
        for (String name : project.in(".")) {
            if (LICENCE_FILE.matcher(name).matches()) {
                String text = project.text(name).orElse("");
                String head = text.substring(0, Math.min(LICENCE_HEAD, text.length())).toLowerCase(java.util.Locale.ROOT).replaceAll("[\\s*#>]+", " ");
                title(head).ifPresent(ids::add);
            }
        }
        return String.join(" OR ", ids.stream().sorted().toList());
    }

    /** The licence whose words come first: a file may name a second one further down, for its pictures. */
    private static Optional<String> title(String head) {
        Optional<String> found = Optional.empty();
        int first = Integer.MAX_VALUE;
        for (Map.Entry<Pattern, String> licence : LICENCES.entrySet()) {
            Matcher words = licence.getKey().matcher(head);
            if (words.find() && words.start() < first) {
                first = words.start();
                found = Optional.of(licence.getValue());
            }
        }
        return found;
    }
}
