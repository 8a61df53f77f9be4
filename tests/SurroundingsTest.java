import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import lib.scan.Project;
import lib.scan.ProjectFacts;
import lib.scan.Scan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import support.Tree;

class SurroundingsTest {
    private static final String MANIFEST = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n";

    @TempDir
    Path dir;

    private ProjectFacts scan(String... pathAndContent) throws IOException {
        return Scan.scan(Project.open(Tree.of(dir, pathAndContent)));
    }

    @Test
    void stagesAndArgumentsOfADockerfile() throws IOException {
        ProjectFacts.Dockerfile file = scan("Dockerfile", "# syntax=docker/dockerfile:1\nARG BASE=alpine\nFROM --platform=$BUILDPLATFORM $BASE AS build\nARG BASE\nARG TOKEN\nARG TARGETARCH\n"
                + "RUN echo \\\n  FROM nothing AS no\n# FROM x AS y\nfrom build as run\n").dockerfiles().get(0);
        assertEquals(List.of("build", "run"), file.stages());
        assertEquals(List.of("TOKEN"), file.arguments(), "BASE has a default, TARGETARCH is BuildKit's");
        assertEquals("Dockerfile:3", file.evidence().place());
    }

    @Test
    void severalDockerfilesAreFoundByTheirNamesAndHelpersAreNot() throws IOException {
        List<String> found = scan("Dockerfile", "FROM a\n", "Dockerfile.worker", "FROM a\n", "api.Dockerfile", "FROM a\n", "build/package/Dockerfile", "FROM a\n", "Containerfile", "FROM a\n",
                "Dockerfile.j2", "FROM {{ x }}\n", "Dockerfile.dockerignore", "x\n", ".devcontainer/Dockerfile", "FROM a\n", "tests/Dockerfile", "FROM a\n", "examples/x/Dockerfile", "FROM a\n",
                "notes/Dockerfile", "no image here\n").dockerfiles().stream().map(ProjectFacts.Dockerfile::path).toList();
        assertEquals(List.of("Containerfile", "Dockerfile", "Dockerfile.worker", "api.Dockerfile", "build/package/Dockerfile"), found);
    }

    @Test
    void whereThereAreOnlyDockerfilesTheyAreTheProject() throws IOException {
        ProjectFacts facts = scan("Dockerfile", "FROM alpine\n", ".hadolint.yaml", "ignored: []\n", "proxy/Dockerfile", "FROM nginx\n");
        assertEquals(List.of(".", "proxy"), facts.packages());
        assertEquals("docker", facts.components().get(0).ecosystem());
        assertEquals("hadolint --config ../.hadolint.yaml Dockerfile", facts.components().get(1).commands(lib.scan.Command.CommandKind.LINT).get(0).run());
    }

    @Test
    void manifestsAndKustomizations() throws IOException {
        List<String> found = scan("go.mod", "module a\n", "k8s/app.yaml", MANIFEST, "deploy/overlays/prod/kustomization.yaml", "resources: [../../base]\n", "deploy/base/kustomization.yml", "resources: [a.yaml]\n",
                "deploy/base/a.yaml", MANIFEST, "deploy/part/kustomization.yaml", "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n", "config/app.yaml", "kind: other\n",
                "deploy/chart/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.0\n", "deploy/chart/templates/d.yaml", MANIFEST, "src/x.yaml", MANIFEST)
                .manifests().stream().map(m -> m.path() + " " + m.kind()).toList();
        assertEquals(List.of("deploy/base kustomize", "deploy/overlays/prod kustomize", "k8s kubernetes"), found);
    }

    @Test
    void existingCiOfEveryPlatform() throws IOException {
        List<String> found = scan(".github/workflows/ci.yml", "", ".github/dependabot.yml", "", ".gitlab-ci.yml", "", "Jenkinsfile", "", ".circleci/config.yml", "", "azure-pipelines.yml", "",
                ".travis.yml", "", "sub/.travis.yml", "", "ci/Jenkinsfile.release", "", "cloudbuild.yaml", "").existingCi().stream().map(c -> c.platform() + " " + c.file()).toList();
        assertEquals(List.of("circleci .circleci/config.yml", "github-actions .github/workflows/ci.yml", "gitlab-ci .gitlab-ci.yml", "travis-ci .travis.yml", "jenkins Jenkinsfile",
                "azure-pipelines azure-pipelines.yml", "jenkins ci/Jenkinsfile.release", "google-cloud-build cloudbuild.yaml"), found);
    }

    @Test
    void licencesByTheirWords() throws IOException {
        assertEquals("MIT", scan("LICENSE", "Copyright (c) 2020 A\n\nPermission is hereby granted, free of charge, to any\nperson obtaining a copy of\n").licence());
        assertEquals("Apache-2.0", scan("LICENSE", "                                 Apache License\n                           Version 2.0, January 2004\n").licence());
        assertEquals("GPL-3.0-only", scan("LICENSE", "GNU GENERAL PUBLIC LICENSE\n Version 3, 29 June 2007\n the GNU Affero General Public License\n").licence());
        assertEquals("LGPL-2.1-only", scan("LICENSE", "GNU LESSER GENERAL PUBLIC LICENSE\n   Version 2.1, February 1999\n").licence());
        assertEquals("MPL-2.0", scan("LICENSE", "Mozilla Public License Version 2.0\n====\n").licence());
        assertEquals("BSD-3-Clause", scan("LICENSE", "Redistribution and use in source and binary forms, with or without\n ... 3. Neither the name of\n").licence());
        assertEquals("BSD-2-Clause", scan("LICENSE", "Redistribution and use in source and binary forms, with or without\n").licence());
        assertEquals("", scan("LICENSE", "All rights reserved.\n").licence());
    }

    @Test
    void twoLicenceFilesAreAChoice() throws IOException {
        assertEquals("Apache-2.0 OR MIT", scan("LICENSE-MIT", "Permission is hereby granted, free of charge, to any person obtaining a copy", "LICENSE-APACHE", "Apache License Version 2.0").licence());
    }

    @Test
    void defaultBranchAndRemoteFromTheMetadata() throws IOException {
        ProjectFacts facts = scan("a.txt", "", ".git/HEAD", "ref: refs/heads/feature/x\n", ".git/refs/remotes/origin/HEAD", "ref: refs/remotes/origin/trunk\n",
                ".git/config", "[remote \"origin\"]\n\turl = git@gitlab.example.com:group/app.git\n");
        assertEquals("trunk", facts.defaultBranch());
        assertEquals("gitlab.example.com", facts.remote());
    }

    @Test
    void onAFeatureBranchTheUsualNameIsTheDefault() throws IOException {
        assertEquals("master", scan("a.txt", "", ".git/HEAD", "ref: refs/heads/feature\n", ".git/packed-refs", "# pack-refs\nabc refs/heads/master\n").defaultBranch());
    }

    @Test
    void aWorkTreesGitFileLeadsToTheRepository() throws IOException {
        Tree.of(dir.resolve("main"), ".git/config", "[remote \"origin\"]\n url = https://github.com/a/b\n", ".git/objects/", "", ".git/refs/heads/main", "", ".git/worktrees/w/HEAD", "ref: refs/heads/w\n",
                ".git/worktrees/w/commondir", "../..\n");
        Tree.of(dir.resolve("w"), ".git", "gitdir: ../main/.git/worktrees/w\n", "a.txt", "");
        ProjectFacts facts = Scan.scan(Project.open(dir.resolve("w")));
        assertEquals("main", facts.defaultBranch());
        assertEquals("github.com", facts.remote());
    }

    @Test
    void brokenMetadataIsNoMetadata() throws IOException {
        ProjectFacts facts = scan("a.txt", "", ".git/HEAD", "0123456789\n", ".git/config", "[remote \"origin\nurl = ://\n");
        assertEquals("", facts.defaultBranch());
        assertEquals("", facts.remote());
        assertEquals("", Scan.scan(Project.open(Tree.of(dir.resolve("b"), ".git", "gitdir: /etc\n", "a", ""))).defaultBranch());
    }
}
