//JAVA 17+
//DESCRIPTION Runs a declarative Jenkinsfile without Jenkins: JenkinsRun JENKINSFILE PROJECT [NAME=VALUE...]
//DEPS org.codehaus.groovy:groovy-all:2.4.21
//JAVA_OPTIONS --add-opens=java.base/java.lang=ALL-UNNAMED --add-opens=java.base/java.util=ALL-UNNAMED --add-opens=java.base/java.lang.invoke=ALL-UNNAMED -Xlog:disable -Xlog:all=error:stderr

import groovy.lang.Binding;
import groovy.lang.Closure;
import groovy.lang.GroovyObjectSupport;
import groovy.lang.GroovyShell;
import groovy.lang.MissingMethodException;
import groovy.lang.MissingPropertyException;
import groovy.lang.Script;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.codehaus.groovy.control.CompilerConfiguration;
import org.codehaus.groovy.runtime.InvokerHelper;

/**
 * Enough of Jenkins to see what a pipeline does: stages in their order, conditions, matrix, functions, and every {@code sh} by a real shell
 * in a copy of the project. Agents, locks and credentials are names only; parallel stages run one after the other.
 *
 * <p>Prints a line for each stage and each step. The given variables are what Jenkins would set: {@code BRANCH_NAME}, {@code CHANGE_ID},
 * {@code TAG_NAME}, and {@code TIMER} for a build by the timer. Exit 1 where a stage fails.
 */
public class JenkinsRun {
    static final Map<String, String> ENVIRONMENT = new LinkedHashMap<>();
    static Path project;
    static Path workspace;
    static Path folder;
    static Script script;

    public static void main(String[] args) throws Exception {
        project = Path.of(args[1]).toAbsolutePath();
        workspace = Files.createTempDirectory("workspace");
        folder = workspace;
        ENVIRONMENT.put("WORKSPACE", workspace.toString());
        ENVIRONMENT.put("WORKSPACE_TMP", Files.createDirectories(Path.of(workspace + "@tmp")).toString());
        ENVIRONMENT.put("BUILD_NUMBER", "7");
        ENVIRONMENT.put("EXECUTOR_NUMBER", "0");
        Arrays.stream(args).skip(2).forEach(a -> ENVIRONMENT.put(a.substring(0, a.indexOf('=')), a.substring(a.indexOf('=') + 1)));
        CompilerConfiguration configuration = new CompilerConfiguration();
        configuration.setScriptBaseClass(Base.class.getName());
        try {
            script = new GroovyShell(JenkinsRun.class.getClassLoader(), new Binding(), configuration).parse(new File(args[0]));
            script.run();
        } catch (Failed e) {
            System.out.println("failed: " + e.getMessage());
            System.exit(1);
        }
    }

    static final class Failed extends RuntimeException {
        Failed(String message) {
            super(message);
        }
    }

    /** What stands outside of blocks, and the functions of the file. */
    public abstract static class Base extends Script {
        @Override
        public Object invokeMethod(String name, Object args) {
            try {
                return super.invokeMethod(name, args);
            } catch (MissingMethodException e) {
                Object[] given = InvokerHelper.asArray(args);
                if (name.equals("pipeline")) {
                    Section pipeline = Section.read((Closure<?>) given[0]);
                    new Stages(pipeline.closure("stages")).run();
                    return null;
                }
                return Steps.step(name, given);
            }
        }

        @Override
        public Object getProperty(String name) {
            return name.equals("env") ? new Env() : name.equals("scm") ? "scm" : super.getProperty(name);
        }
    }

    /** {@code env}. */
    public static final class Env extends GroovyObjectSupport {
        @Override
        public Object getProperty(String name) {
            return ENVIRONMENT.get(name);
        }

        @Override
        public void setProperty(String name, Object value) {
            ENVIRONMENT.put(name, String.valueOf(value));
        }
    }

    /** A block whose lines are calls or assignments: reads them, runs nothing. */
    public static final class Section extends GroovyObjectSupport {
        final Map<String, Object[]> calls = new LinkedHashMap<>();
        final List<Map.Entry<String, Object[]>> all = new ArrayList<>();
        final Map<String, String> assigned = new LinkedHashMap<>();

        static Section read(Closure<?> closure) {
            Section section = new Section();
            Closure<?> own = (Closure<?>) closure.clone();
            own.setDelegate(section);
            own.setResolveStrategy(Closure.DELEGATE_FIRST);
            own.call();
            return section;
        }

        @Override
        public Object invokeMethod(String name, Object args) {
            Object[] given = InvokerHelper.asArray(args);
            calls.put(name, given);
            all.add(Map.entry(name, given));
            return name;
        }

        @Override
        public Object getProperty(String name) {
            if (name.equals("env")) {
                return new Env();
            }
            if (assigned.containsKey(name)) {
                return assigned.get(name);
            }
            if (ENVIRONMENT.containsKey(name)) {
                return ENVIRONMENT.get(name);
            }
            if (List.of("any", "none", "scm").contains(name)) {
                return name;
            }
            throw new MissingPropertyException(name, Section.class);
        }

        @Override
        public void setProperty(String name, Object value) {
            assigned.put(name, String.valueOf(value));
        }

        Closure<?> closure(String name) {
            Object[] args = calls.get(name);
            return args == null ? null : (Closure<?>) args[0];
        }
    }

    record Stages(Closure<?> closure) {
        void run() {
            for (Map.Entry<String, Object[]> call : Section.read(closure).all) {
                stage(call.getValue()[0].toString(), (Closure<?>) call.getValue()[1]);
            }
        }

        static void stage(String name, Closure<?> closure) {
            Section stage = Section.read(closure);
            if (stage.closure("matrix") == null) {
                body(name, stage);
                return;
            }
            Section matrix = Section.read(stage.closure("matrix"));
            Map<String, List<String>> axes = new TreeMap<>();
            for (Map.Entry<String, Object[]> axis : Section.read(matrix.closure("axes")).all) {
                Section values = Section.read((Closure<?>) axis.getValue()[0]);
                axes.put(values.calls.get("name")[0].toString(), Arrays.stream(values.calls.get("values")).map(Object::toString).toList());
            }
            cells(name, closure, new ArrayList<>(axes.entrySet()), "");
        }

        private static void cells(String name, Closure<?> closure, List<Map.Entry<String, List<String>>> axes, String chosen) {
            if (axes.isEmpty()) {
                // Read again: what it says may name the cell's variables.
                body(name + " (" + chosen.strip() + ")", Section.read(Section.read(closure).closure("matrix")));
                return;
            }
            for (String value : axes.get(0).getValue()) {
                Map<String, String> before = new LinkedHashMap<>(ENVIRONMENT);
                ENVIRONMENT.put(axes.get(0).getKey(), value);
                cells(name, closure, axes.subList(1, axes.size()), chosen + " " + value);
                ENVIRONMENT.clear();
                ENVIRONMENT.putAll(before);
            }
        }

        private static void body(String name, Section stage) {
            if (stage.closure("when") != null && !When.all(stage.closure("when"))) {
                System.out.println("skip " + name);
                return;
            }
            System.out.println("stage " + name);
            if (stage.closure("parallel") != null) {
                new Stages(stage.closure("parallel")).run();
                return;
            }
            Map<String, String> before = new LinkedHashMap<>(ENVIRONMENT);
            Map<String, String> own = stage.closure("environment") == null ? Map.of() : Section.read(stage.closure("environment")).assigned;
            ENVIRONMENT.putAll(own);
            try {
                if (stage.closure("steps") != null) {
                    Steps.run(stage.closure("steps"));
                } else {
                    new Stages(stage.closure("stages")).run();
                }
            } finally {
                if (stage.closure("post") != null) {
                    Section post = Section.read(stage.closure("post"));
                    Stream.of("always", "cleanup").map(post::closure).filter(c -> c != null).forEach(Steps::run);
                }
                own.keySet().forEach(key -> {
                    ENVIRONMENT.remove(key);
                    if (before.containsKey(key)) {
                        ENVIRONMENT.put(key, before.get(key));
                    }
                });
            }
        }
    }

    static final class When {
        static boolean all(Closure<?> closure) {
            return Section.read(closure).all.stream().filter(c -> !c.getKey().startsWith("before")).allMatch(c -> holds(c.getKey(), c.getValue()));
        }

        private static boolean holds(String name, Object[] args) {
            return switch (name) {
                case "branch" -> args[0].equals(ENVIRONMENT.get("BRANCH_NAME"));
                case "tag" -> ENVIRONMENT.getOrDefault("TAG_NAME", "").matches(args[0].toString().replace("*", ".*")) && ENVIRONMENT.containsKey("TAG_NAME");
                case "changeRequest" -> ENVIRONMENT.containsKey("CHANGE_ID");
                case "triggeredBy" -> ENVIRONMENT.containsKey("TIMER");
                case "not" -> !all((Closure<?>) args[0]);
                case "anyOf" -> Section.read((Closure<?>) args[0]).all.stream().anyMatch(c -> holds(c.getKey(), c.getValue()));
                case "expression" -> Boolean.TRUE.equals(((Closure<?>) args[0]).call());
                default -> throw new IllegalStateException("no condition " + name);
            };
        }
    }

    /** Runs steps: the delegate of their blocks. */
    public static final class Steps extends GroovyObjectSupport {
        static Object run(Closure<?> closure) {
            Closure<?> own = (Closure<?>) closure.clone();
            own.setDelegate(new Steps());
            own.setResolveStrategy(Closure.DELEGATE_FIRST);
            return own.call();
        }

        @Override
        public Object invokeMethod(String name, Object args) {
            Object[] given = InvokerHelper.asArray(args);
            return script.getMetaClass().respondsTo(script, name, given).isEmpty() ? step(name, given) : script.getMetaClass().invokeMethod(script, name, given);
        }

        @Override
        public Object getProperty(String name) {
            return name.equals("env") ? new Env() : name.equals("scm") ? name : ENVIRONMENT.get(name);
        }

        static Object step(String name, Object[] args) {
            Object last = args.length == 0 ? null : args[args.length - 1];
            switch (name) {
                case "sh":
                    return sh(args[0]);
                case "script", "withCredentials":
                    System.out.println(name + (name.equals("script") ? "" : " " + args[0]));
                    return run((Closure<?>) last);
                case "withEnv":
                    ((List<?>) args[0]).forEach(e -> ENVIRONMENT.put(e.toString().replaceFirst("=.*", ""), e.toString().replaceFirst("^[^=]*=", "")));
                    return run((Closure<?>) last);
                case "dir":
                    Path before = folder;
                    folder = folder.resolve(args[0].toString());
                    try {
                        Files.createDirectories(folder);
                        return run((Closure<?>) last);
                    } catch (IOException e) {
                        throw new Failed(e.toString());
                    } finally {
                        folder = before;
                    }
                case "checkout":
                    exec(List.of("cp", "-R", project + "/.", workspace.toString()), false);
                    return null;
                case "deleteDir":
                    exec(List.of("find", folder.toString(), "-mindepth", "1", "-delete"), false);
                    return null;
                case "string", "file", "usernamePassword":
                    Map<?, ?> binding = (Map<?, ?>) args[0];
                    binding.forEach((key, value) -> {
                        if (key.toString().toLowerCase().endsWith("variable")) {
                            ENVIRONMENT.put(value.toString(), "secret-of-" + binding.get("credentialsId"));
                        }
                    });
                    return binding.get("credentialsId");
                default:
                    System.out.println(name + " " + Arrays.toString(args));
                    return null;
            }
        }

        private static Object sh(Object given) {
            Map<?, ?> named = given instanceof Map<?, ?> map ? map : Map.of("script", given);
            String script = named.get("script").toString();
            System.out.println("sh " + workspace.relativize(folder) + ": " + (named.containsKey("label") ? named.get("label") : script));
            boolean isRead = Boolean.TRUE.equals(named.get("returnStdout"));
            String out = exec(List.of("sh", "-e", "-c", script), Boolean.TRUE.equals(named.get("returnStatus")));
            if (!isRead) {
                out.lines().forEach(line -> System.out.println("  " + line));
            }
            return isRead ? out : null;
        }

        private static String exec(List<String> command, boolean mayFail) {
            try {
                ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectError(ProcessBuilder.Redirect.INHERIT);
                builder.environment().putAll(ENVIRONMENT);
                Process process = builder.start();
                process.getOutputStream().close();
                String out = new String(process.getInputStream().readAllBytes());
                if (process.waitFor() != 0 && !mayFail) {
                    out.lines().forEach(line -> System.out.println("  " + line));
                    throw new Failed("exit code " + process.exitValue() + " of " + command.get(command.size() - 1));
                }
                return out;
            } catch (IOException | InterruptedException e) {
                throw new Failed(e.toString());
            }
        }
    }
}
