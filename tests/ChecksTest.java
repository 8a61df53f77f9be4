import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import lib.plan.Pins;
import lib.plan.PipelinePlan;
import lib.plan.PipelinePlan.PlanOptions;
import lib.plan.PipelinePlanner;
import lib.plan.Versions;
import lib.render.CiPlatforms;
import lib.render.Rendering.CiPlatform;
import lib.render.Rendering;
import lib.render.Templates;
import lib.scan.Finding;
import lib.scan.Project;
import lib.scan.ProjectFacts;
import lib.scan.Scan;
import lib.verify.Checks;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import support.Tree;

/** A check that never fails checks nothing: each rule against a file that breaks it in one place, and passes otherwise. */
class ChecksTest {
    @TempDir
    Path dir;

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', value = {
            "github-actions ~ permissions: {} ~ permissions: {contents: write} ~ least-privilege",
            "github-actions ~ persist-credentials: false ~ persist-credentials: true ~ persisted-credentials",
            "github-actions ~ pull_request: ~ pull_request_target: ~ dangerous-trigger",
            "github-actions ~ run: npm test ~ run: npm test ${{ github.head_ref }} ~ template-injection",
            "github-actions ~ run: npm test ~ run: npm test || true ~ swallowed-failure",
            "github-actions ~ timeout-minutes: 10 ~ continue-on-error: false ~ timeout",
            "github-actions ~ package-manager-cache: false ~ cache: npm ~ cache-poisoning",
            "github-actions ~ environment: npm ~ env: {TOKEN: \"${{ secrets.NPM_TOKEN }}\"} ~ secrets-by-environment",
            "github-actions ~ image: postgres:17 ~ image: postgres ~ pinned-images",
            "github-actions ~ actions/checkout@ ~ actions/setup-node@ ~ pinned-actions",
            "gitlab-ci ~ image: node:24-trixie ~ image: node ~ pinned-images",
            "gitlab-ci ~ - name: postgres:17 ~ - name: postgres ~ pinned-images",
            "gitlab-ci ~ npm ci ~ curl https://example.com/x | sh ~ unverified-script",
            "gitlab-ci ~ expire_in: 7 days ~ untracked: false ~ expiring-artifacts",
            "gitlab-ci ~ interruptible: false ~ allow_failure: false ~ concurrency",
            "gitlab-ci ~ resource_group: npm ~ coverage: /x/ ~ concurrency",
            "gitlab-ci ~ `  timeout: 20 minutes` ~ `  artifacts: {expire_in: 1 day}` ~ timeout",
            "gitlab-ci ~ `- npm test` ~ `- CI_DEBUG_TRACE=1 npm test` ~ debug-trace",
            "circleci ~ aquasec/trivy:0.74.0 ~ aquasec/trivy ~ pinned-images",
            "jenkins ~ agent none ~ agent any ~ agents-per-stage",
            "jenkins ~ sh 'npm test' ~ sh \"npm test\" ~ single-quoted-scripts",
    })
    void eachRuleIsBrokenByOneChange(String platform, String sound, String broken, String rule) throws IOException {
        Project project = Project.open(Tree.of(dir, "package.json", """
                {"name": "demo", "version": "1.0.0", "files": ["lib"], "scripts": {"lint": "eslint .", "test": "node --test"}, "engines": {"node": "24"},
                 "dependencies": {"pg": "8.0.0"}, "devDependencies": {"eslint": "9.0.0"}}
                """, "package-lock.json", "{\"lockfileVersion\": 3}\n", "compose.yml", "services:\n  db:\n    image: postgres:17\n    ports: [\"5432:5432\"]\n",
                "eslint.config.js", "", "test/a.test.js", "const url = process.env.DATABASE_URL\n"));
        ProjectFacts facts = Scan.scan(project);
        PipelinePlan plan = PipelinePlanner.plan(facts, PlanOptions.defaults(), Versions.shipped(), Pins.shipped());
        CiPlatform renderer = CiPlatforms.all().stream().filter(p -> p.id().equals(platform)).findFirst().orElseThrow();
        Rendering rendering = renderer.render(plan, new CiPlatform.Context(new Templates(null), Pins.shipped(), Versions.shipped(), facts, new CiPlatform.RenderOptions(false, "a test")));
        assertEquals(List.of(), rules(rendering, plan, facts, project));
        List<Rendering.GeneratedFile> files = rendering.files().stream().map(f -> Rendering.GeneratedFile.of(f.path(), f.content().replace(sound, broken))).toList();
        assertTrue(!files.equals(rendering.files()), () -> sound + " is not in " + rendering.files());
        List<String> found = rules(new Rendering(platform, files, List.of(), List.of(), List.of()), plan, facts, project);
        assertTrue(found.contains(rule), found::toString);
    }

    private static List<String> rules(Rendering rendering, PipelinePlan plan, ProjectFacts facts, Project project) {
        return Checks.check(List.of(rendering), plan, facts, project, Pins.shipped()).stream().map(Finding::rule).distinct().toList();
    }
}
