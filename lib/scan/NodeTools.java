package lib.scan;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import lib.scan.NodeCalls.Call;

/** What the well-known programs of the JavaScript world do, and which packages bring them. Knows no scripts. */
final class NodeTools {

    /** What a call is for. {@code FIX} changes sources; {@code SERVE} does not end by itself. */
    enum Act { FORMAT, FIX, LINT, TYPECHECK, TEST, E2E, BUILD, SERVE, PUBLISH, MIGRATE, SETUP, CUSTOM }

    /** {@code tool=package|package}: the packages that bring a program, where its own name is not the package's; {@code !}: see {@link #isCertain}. */
    private static final String TABLE = """
            LINT !eslint eslint_d=eslint_d !tslint !stylelint !oxlint !xo !standard semistandard ts-standard !markdownlint=markdownlint-cli !markdownlint-cli2
            LINT textlint remark=remark-cli !cspell !knip depcheck madge sherif syncpack manypkg=@manypkg/cli ls-lint=@ls-lint/ls-lint
            LINT htmlhint jscpd depcruise=dependency-cruiser solhint editorconfig-checker lockfile-lint secretlint npmPkgJsonLint=npm-package-json-lint dpdm skott
            LINT ember-template-lint spectral=@stoplight/spectral-cli redocly=@redocly/cli alex license-checker
            TYPECHECK !svelte-check !vue-tsc !tsd !tstyche dtslint glint=@glint/core|@glint/ember-tsc flow=flow-bin pyright attest
            TEST !jest=jest|jest-cli !vitest !mocha !ava !tap=tap|@tapjs/core !tape !borp !jasmine !uvu qunit=qunit|qunitjs lab=@hapi/lab poku cucumber-js=@cucumber/cucumber
            TEST hardhat zunit web-test-runner=@web/test-runner wtr=@web/test-runner ts-mocha mochapack testem alsatian vscode-test=@vscode/test-cli jasmine-ts !karma
            E2E !playwright=@playwright/test|playwright|playwright-core|@playwright/experimental-ct-react !cypress wdio=@wdio/cli nightwatch testcafe detox codeceptjs
            E2E protractor test-storybook=@storybook/test-runner backstop=backstopjs chromatic percy=@percy/cli lhci=@lhci/cli start-server-and-test start-test=start-server-and-test
            BUILD !webpack=webpack|webpack-cli !rollup !tsup !tsdown esbuild !parcel=parcel|parcel-bundler|@parcel/core microbundle !unbuild pkgroll bunchee !tsc=typescript
            BUILD ttsc=ttypescript tsgo=@typescript/native-preview !swc=@swc/cli !babel=@babel/cli|babel-cli rspack=@rspack/cli rslib=@rslib/core rsbuild=@rsbuild/core
            BUILD ncc=@vercel/ncc !gulp=gulp|gulp-cli grunt=grunt|grunt-cli docusaurus=@docusaurus/core eleventy=@11ty/eleventy gatsby preconstruct=@preconstruct/cli father dumi
            BUILD wp-scripts=@wordpress/scripts obuild mkdist ng-packagr ngc=@angular/compiler-cli electron-builder electron-forge=@electron-forge/cli sass=sass|node-sass
            BUILD tailwindcss=@tailwindcss/cli|tailwindcss postcss=postcss-cli browserify metro api-extractor=@microsoft/api-extractor typedoc vitepress vuepress zshy node-gyp
            SERVE nodemon serve http-server live-server ts-node-dev browser-sync json-server tsc-watch
            PUBLISH semantic-release release-it np gh-pages vercel netlify firebase=firebase-tools serverless sls=serverless cdk=aws-cdk sst changeset=@changesets/cli auto
            PUBLISH vsce=@vscode/vsce|vsce clasp=@google/clasp jsr bumpp heroku fly flyctl aws gcloud az kubectl helm eas=eas-cli fastlane standard-version release-please
            MIGRATE !prisma !drizzle-kit !knex typeorm sequelize=sequelize-cli sequelize-cli node-pg-migrate db-migrate dbmate mikro-orm=@mikro-orm/cli
            SETUP docker docker-compose podman husky lefthook simple-git-hooks patch-package
            CUSTOM !rimraf !cross-env cross-env-shell=cross-env !concurrently !run-s=npm-run-all|npm-run-all2 !run-p=npm-run-all|npm-run-all2 !npm-run-all=npm-run-all|npm-run-all2
            CUSTOM dotenv=dotenv-cli|dotenv dotenvx=@dotenvx/dotenvx env-cmd copyfiles cpy=cpy-cli cpx shx mkdirp !nyc !c8 !ts-node !tsx !turbo !nx !lerna wait-on !next !nuxt=nuxt|nuxi
            CUSTOM nuxi=nuxi|nuxt !vite=vite|rolldown-vite|vite-plus !astro !ng=@angular/cli !nest=@nestjs/cli remix=@remix-run/dev react-router=@react-router/dev !react-scripts
            CUSTOM craco=@craco/craco vue-cli-service=@vue/cli-service expo svelte-kit=@sveltejs/kit !prettier !biome=@biomejs/biome|ultracite !oxfmt !dprint ultracite wrangler
            CUSTOM storybook=storybook|@storybook/cli size-limit !publint !attw=@arethetypeswrong/cli es-check commitlint=@commitlint/cli|commitlint lint-staged ncu=npm-check-updates cz=commitizen
            """;
    private static final Map<String, Act> ACTS = new HashMap<>();
    private static final Map<String, List<String>> PACKAGES = new HashMap<>();
    private static final Set<String> CERTAIN = new HashSet<>();

    static {
        for (String line : TABLE.lines().toList()) {
            List<String> words = List.of(line.split(" +"));
            for (String word : words.subList(1, words.size())) {
                String[] sides = word.split("=");
                String tool = sides[0].replace("!", "");
                ACTS.put(tool, Act.valueOf(words.get(0)));
                PACKAGES.put(tool, List.of(sides[sides.length - 1].replace("!", "").split("\\|")));
                if (word.startsWith("!")) {
                    CERTAIN.add(tool);
                }
            }
        }
    }

    private NodeTools() {}

    static boolean isKnown(String tool) {
        return ACTS.containsKey(tool);
    }

    /** Is it known for sure which packages bring it, so that their absence tells that the call fails? */
    static boolean isCertain(String tool) {
        return CERTAIN.contains(tool);
    }

    static List<String> packagesOf(String tool) {
        return PACKAGES.getOrDefault(tool, List.of(tool));
    }

    /** @param project and folder: whether {@code tsc} writes anything stands in tsconfig.json */
    static Set<Act> acts(Call call, Project project, String folder) {
        String sub = call.first();
        boolean fix = call.has("--fix", "--write", "--apply", "--apply-unsafe", "--fix-dry-run") || call.has("-w") && !call.tool().startsWith("tsc");
        boolean watch = call.has("--watch", "--watchAll", "-w", "watch", "--ui") && !fix;
        switch (call.tool()) {
            case "prettier" -> {
                return EnumSet.of(call.has("--write", "-w") ? Act.FIX : call.has("--check", "-c", "-l", "--list-different") ? Act.FORMAT : Act.CUSTOM);
            }
            case "biome" -> {
                EnumSet<Act> acts = switch (sub) {
                    case "check", "ci" -> EnumSet.of(Act.LINT, Act.FORMAT);
                    case "lint" -> EnumSet.of(Act.LINT);
                    case "format" -> EnumSet.of(Act.FORMAT);
                    default -> EnumSet.of(Act.CUSTOM);
                };
                return fix ? EnumSet.of(Act.FIX) : acts;
            }
            case "ultracite" -> {
                if (!sub.equals("check") && !sub.equals("lint")) {
                    return EnumSet.of(Act.FIX);
                }
                return call.has("--type-check") ? EnumSet.of(Act.LINT, Act.FORMAT, Act.TYPECHECK) : EnumSet.of(Act.LINT, Act.FORMAT);
            }
            case "oxfmt" -> {
                return EnumSet.of(call.has("--check", "--list-different") ? Act.FORMAT : Act.FIX);
            }
            case "dprint" -> {
                return EnumSet.of(sub.equals("check") ? Act.FORMAT : Act.FIX);
            }
            case "oxlint" -> {
                return fix ? EnumSet.of(Act.LINT, Act.FIX) : call.has("--type-check") ? EnumSet.of(Act.LINT, Act.TYPECHECK) : EnumSet.of(Act.LINT);
            }
            case "deno" -> {
                return EnumSet.of(switch (sub) {
                    case "fmt" -> call.has("--check") ? Act.FORMAT : Act.FIX;
                    case "lint" -> call.has("--fix") ? Act.FIX : Act.LINT;
                    case "check" -> Act.TYPECHECK;
                    case "test" -> Act.TEST;
                    case "publish" -> Act.PUBLISH;
                    default -> Act.CUSTOM;
                });
            }
            case "tsc", "ttsc", "tsgo", "vue-tsc" -> {
                return EnumSet.of(watch ? Act.SERVE : call.tool().equals("vue-tsc") && !call.has("--declaration", "--emitDeclarationOnly")
                        || checksOnly(call, project, folder) ? Act.TYPECHECK : Act.BUILD);
            }
            case "vitest" -> {
                if (sub.equals("bench")) {
                    return EnumSet.of(Act.CUSTOM);
                }
                return watch || sub.equals("dev") ? EnumSet.of(Act.TEST, Act.SERVE) : call.has("-u", "--update") ? EnumSet.of(Act.TEST, Act.FIX)
                        : call.has("--typecheck.only") ? EnumSet.of(Act.TYPECHECK) : call.has("--typecheck") ? EnumSet.of(Act.TEST, Act.TYPECHECK) : EnumSet.of(Act.TEST);
            }
            case "node", "tsx", "ts-node" -> {
                return call.has("--watch", "watch") ? EnumSet.of(Act.SERVE) : call.has("--test") ? EnumSet.of(Act.TEST) : EnumSet.of(Act.CUSTOM);
            }
            case "bun test" -> {
                return EnumSet.of(Act.TEST);
            }
            case "bun build" -> {
                return EnumSet.of(Act.BUILD);
            }
            case "npm", "pnpm", "yarn", "bun" -> {
                return EnumSet.of(sub.equals("publish") || sub.equals("version") || sub.equals("deploy") ? Act.PUBLISH : Act.CUSTOM);
            }
            case "next", "nuxt", "nuxi", "astro", "vite", "ng", "nest", "remix", "react-router", "react-scripts", "craco", "vue-cli-service", "expo", "storybook", "turbo",
                    "nx", "electron-vite", "vinxi", "ember", "aegir", "umi", "max", "modern", "rslib", "rsbuild", "wrangler", "gatsby", "docusaurus", "vitepress", "vuepress",
                    "parcel", "wp-scripts", "eleventy", "tsup", "tsdown", "rollup", "webpack", "esbuild", "swc", "babel" -> {
                return EnumSet.of(framework(call, sub, watch));
            }
            case "gulp", "grunt" -> {
                return EnumSet.of(sub.isEmpty() ? Act.CUSTOM : actOfName(sub));
            }
            case "git" -> {
                return EnumSet.of(sub.equals("push") || sub.equals("tag") ? Act.PUBLISH : Act.CUSTOM);
            }
            case "drizzle-kit", "prisma" -> {
                return EnumSet.of(sub.equals("migrate") || sub.equals("push") || sub.equals("db") ? Act.MIGRATE : Act.CUSTOM);
            }
            default -> {
                Act act = ACTS.getOrDefault(call.tool(), Act.CUSTOM);
                if (fix && act != Act.PUBLISH) {
                    return act == Act.LINT ? EnumSet.of(Act.LINT, Act.FIX) : EnumSet.of(Act.FIX);
                }
                if (act == Act.TEST && call.has("-u", "--updateSnapshot", "--update-snapshots", "--update")) {
                    return EnumSet.of(Act.TEST, Act.FIX);
                }
                return watch && (act == Act.TEST || act == Act.BUILD) ? EnumSet.of(act, Act.SERVE) : EnumSet.of(act);
            }
        }
    }

    /** A framework's own program, by its sub-command. */
    private static Act framework(Call call, String sub, boolean watch) {
        if (watch) {
            return Act.SERVE;
        }
        return switch (sub) {
            case "build", "generate", "export", "vite:build", "build-storybook" -> Act.BUILD;
            case "lint", "lint:check" -> Act.LINT;
            case "check", "typecheck", "type-check", "prepare-types" -> Act.TYPECHECK;
            case "format:check" -> Act.FORMAT;
            case "format:write", "format" -> Act.FIX;
            case "test", "test:unit", "test-unit-js" -> Act.TEST;
            case "e2e", "test:e2e" -> Act.E2E;
            case "dev", "start", "serve", "preview", "develop" -> Act.SERVE;
            case "deploy", "publish" -> call.has("--dry-run") ? Act.BUILD : Act.PUBLISH;
            case "" -> List.of("next", "vite", "nuxt", "nuxi", "astro", "parcel", "wrangler").contains(call.tool()) ? Act.SERVE : ACTS.getOrDefault(call.tool(), Act.CUSTOM);
            default -> ACTS.getOrDefault(call.tool(), Act.CUSTOM);
        };
    }

    private static final Pattern TYPE_TESTS = Pattern.compile("(?i).*(test|types?|check|spec|lint|noemit|dts).*");

    private static boolean checksOnly(Call call, Project project, String folder) {
        if (call.has("--noEmit", "-noEmit", "--noemit")) {
            return true;
        }
        if (call.has("--outDir", "--outFile", "--emitDeclarationOnly", "--declaration", "-d")) {
            return false;
        }
        String config = "tsconfig.json";
        for (int i = 0; i + 1 < call.args().size(); i++) {
            if (call.args().get(i).matches("-p|--project|-b|--build") && !call.args().get(i + 1).startsWith("-")) {
                config = call.args().get(i + 1);
            }
        }
        String named = config;
        return Project.resolve(folder, config).map(c -> project.isFolder(c) && !project.exists(c) ? Project.join(c, "tsconfig.json") : c)
                .filter(project::exists).flatMap(project::json)
                .map(d -> d.has("compilerOptions", "noEmit") ? d.at("compilerOptions", "noEmit").asBoolean() : !named.equals("tsconfig.json")
                        && !d.has("compilerOptions", "outDir") && TYPE_TESTS.matcher(Project.nameOf(named).replace("tsconfig", "")).matches())
                .orElse(false);
    }

    /** What a target of that name does in a workspace whose tools infer their targets from configuration. */
    static Act actOfName(String name) {
        String n = name.toLowerCase(java.util.Locale.ROOT);
        if (n.contains("e2e")) {
            return Act.E2E;
        }
        if (n.contains("lint")) {
            return Act.LINT;
        }
        if (n.contains("type") || n.endsWith("tsc")) {
            return Act.TYPECHECK;
        }
        if (n.contains("test") || n.equals("unit")) {
            return Act.TEST;
        }
        if (n.contains("build") || n.equals("compile")) {
            return Act.BUILD;
        }
        return n.contains("format") && n.contains("check") ? Act.FORMAT : n.equals("dev") || n.equals("start") || n.equals("serve") ? Act.SERVE : Act.CUSTOM;
    }
}
