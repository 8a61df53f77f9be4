package lib.verify;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import lib.plan.Job;
import lib.plan.PipelinePlan;
import lib.plan.Step;
import lib.plan.Toolchain;
import lib.render.Rendering;
import lib.scan.Evidence;
import lib.scan.Finding;
import lib.scan.Project;

/** What the plan names is there: lock files that caches are keyed on, version files, Dockerfiles, folders, jobs that others need, artifacts. */
final class FilesExist implements Check {
    @Override
    public List<Finding> check(Rendering rendering, Subject subject) {
        List<Finding> findings = new ArrayList<>();
        PipelinePlan plan = subject.plan();
        Set<String> ids = new HashSet<>();
        Set<String> kept = new HashSet<>();
        for (Job job : plan.jobs()) {
            if (!ids.add(job.id())) {
                findings.add(missing("two jobs are called " + job.id(), ""));
            }
            job.steps().stream().filter(Step.Upload.class::isInstance).forEach(s -> kept.add(((Step.Upload) s).artifact()));
        }
        for (Job job : plan.jobs()) {
            job.needs().stream().filter(n -> !ids.contains(n)).forEach(n -> findings.add(missing("job " + job.id() + " needs " + n + ", which is not planned", "")));
            for (String folder : job.each().isEmpty() ? List.of("") : job.each().stream().map(Job.Each::path).toList()) {
                files(job).map(f -> f.replace(Job.EACH, folder)).filter(f -> !f.isEmpty() && !subject.project().exists(f))
                        .forEach(f -> findings.add(missing("job " + job.id() + " names the file " + f + ", which is not there", f)));
                folders(job).map(f -> f.replace(Job.EACH, folder)).filter(f -> !subject.project().isFolder(f))
                        .forEach(f -> findings.add(missing("job " + job.id() + " works in the folder " + f + ", which is not there", f)));
            }
            job.steps().stream().filter(Step.Download.class::isInstance).map(s -> ((Step.Download) s).artifact()).filter(a -> !kept.contains(a))
                    .forEach(a -> findings.add(missing("job " + job.id() + " downloads " + a + ", which no job keeps", "")));
        }
        return findings;
    }

    private static Stream<String> files(Job job) {
        Stream<String> ofToolchains = job.toolchains().stream().flatMap(t -> Stream.concat(t.lockFiles().stream(), Stream.of(t.versionFile())));
        Stream<String> ofSteps = job.steps().stream().filter(Step.Image.class::isInstance).map(s -> ((Step.Image) s).image().dockerfile());
        return Stream.concat(ofToolchains, ofSteps);
    }

    private static Stream<String> folders(Job job) {
        Stream<String> ofSteps = job.steps().stream().flatMap(s -> s instanceof Step.Run run ? Stream.of(run.folder())
                : s instanceof Step.Image image ? Stream.of(image.image().context()) : s instanceof Step.Publish publish ? Stream.of(publish.folder()) : Stream.empty());
        return Stream.concat(job.toolchains().stream().map(Toolchain::folder), ofSteps);
    }

    private static Finding missing(String message, String file) {
        return Finding.error("missing-reference", message, "report this with the project's manifests",
                Evidence.of(file.isEmpty() ? Project.join(".", ".") : file, "files-exist"));
    }
}
