package lib.deploy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lib.deploy.Engine.Rejected;
import lib.plan.Rollout.Hook;
import lib.plan.Rollout.Smoke;
import lib.plan.Rollout;

/**
 * What is outside of the target: hooks, smoke checks, notifications. Addresses and arguments may name variables of the environment as
 * {@code ${env:NAME}}; their values are put in here, at the last moment, and are never journaled.
 */
final class Outside {
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{env:([A-Za-z_][A-Za-z0-9_]*)}");
    private static final int SMOKE_TRIES = 10;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** @param on events that are told, or none for all; @param slack whether in the form that Slack takes */
    record Notice(String url, boolean slack, List<String> on) {}

    private final Path folder;
    private final Map<String, String> environment;
    private final List<Notice> notices;
    private final Consumer<String> problems;
    private HttpClient client;

    Outside(Path folder, Map<String, String> environment, List<Notice> notices, Consumer<String> problems) {
        this.folder = folder;
        this.environment = environment;
        this.notices = notices;
        this.problems = problems;
    }

    /** @return why it failed, or empty */
    String run(Hook hook, Rollout plan, String id) {
        try {
            return hook.url().isEmpty() ? command(hook, plan, id) : post(filled(hook.url()), event("hook", plan, hook.name()), hook.timeoutSeconds());
        } catch (IllegalArgumentException e) {
            return e.getMessage();
        }
    }

    private String command(Hook hook, Rollout plan, String id) {
        Path output = null;
        try {
            output = Files.createTempFile("hook", ".txt");
            ProcessBuilder builder = new ProcessBuilder(hook.command().stream().map(this::filled).toList()).directory(folder.toFile()).redirectErrorStream(true).redirectOutput(output.toFile());
            builder.environment().putAll(Map.of("DEPLOY_APP", plan.app(), "DEPLOY_FROM", plan.from(), "DEPLOY_TO", plan.to(), "DEPLOY_STRATEGY", plan.strategy().id(), "DEPLOY_ROLLOUT", id));
            Process process = builder.start();
            process.getOutputStream().close();
            boolean isDone = process.waitFor(hook.timeoutSeconds(), TimeUnit.SECONDS);
            if (!isDone) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                return "no end after " + hook.timeoutSeconds() + " s";
            }
            List<String> lines = Files.readAllLines(output, java.nio.charset.StandardCharsets.ISO_8859_1);
            return process.exitValue() == 0 ? "" : "exit " + process.exitValue() + (lines.isEmpty() ? "" : ": " + lines.get(lines.size() - 1));
        } catch (IOException e) {
            return "cannot run " + hook.command().get(0) + ": " + e.getMessage();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        } finally {
            if (output != null) {
                output.toFile().delete();
            }
        }
    }

    /** Each answer must be right within a few tries: a route or a cache may need a moment. */
    void smoke(List<String> bases, List<Smoke> checks, Consumer<String> pause) {
        if (bases.isEmpty() && !checks.isEmpty()) {
            throw new Rejected("smoke checks impossible", "the new version can't be asked without giving it traffic: there is no preview address");
        }
        for (String base : bases) {
            for (Smoke check : checks) {
                String problem = ask(base, check);
                for (int i = 1; i < SMOKE_TRIES && !problem.isEmpty(); i++) {
                    pause.accept(problem);
                    problem = ask(base, check);
                }
                if (!problem.isEmpty()) {
                    throw new Rejected("smoke check failed", problem);
                }
            }
        }
    }

    private String ask(String base, Smoke check) {
        String url = base + check.path();
        try {
            HttpResponse<String> answer = client().send(HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(5)).build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != check.status()) {
                return url + " answers " + answer.statusCode() + ", not " + check.status();
            }
            return answer.body().contains(check.contains()) ? "" : url + " does not say '" + check.contains() + "'";
        } catch (IOException | IllegalArgumentException e) {
            return url + ": " + (e.getMessage() == null ? "no answer" : e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    /** A notification that can't be delivered is told, and changes nothing. */
    void tell(String what, Rollout plan, String text) {
        for (Notice notice : notices) {
            if (!notice.on().isEmpty() && !notice.on().contains(what)) {
                continue;
            }
            ObjectNode event = event(what, plan, text);
            ObjectNode body = notice.slack() ? JSON.createObjectNode().put("text", "*" + plan.app() + "* " + what + ": " + plan.from() + " -> " + plan.to() + (text.isEmpty() ? "" : "\n" + text)) : event;
            try {
                String problem = post(filled(notice.url()), body, 5);
                if (!problem.isEmpty()) {
                    problems.accept("a notification was not delivered: " + problem);
                }
            } catch (IllegalArgumentException e) {
                problems.accept("a notification was not delivered: " + e.getMessage());
            }
        }
    }

    private static ObjectNode event(String what, Rollout plan, String text) {
        return JSON.createObjectNode().put("event", what).put("app", plan.app()).put("from", plan.from()).put("to", plan.to()).put("strategy", plan.strategy().id()).put("text", text);
    }

    /** The address may hold a token: it is in no message. */
    private String post(String url, ObjectNode body, int seconds) {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(seconds)).header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body.toString())).build();
            int status = client().send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
            return status / 100 == 2 ? "" : "it answers " + status;
        } catch (IllegalArgumentException e) {
            return "its address is none";
        } catch (IOException e) {
            return "no answer (" + e.getClass().getSimpleName() + ")";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    private String filled(String text) {
        Matcher found = VARIABLE.matcher(text);
        return found.replaceAll(m -> {
            String value = environment.get(m.group(1));
            if (value == null) {
                throw new IllegalArgumentException("the variable " + m.group(1) + " is not set");
            }
            return Matcher.quoteReplacement(value);
        });
    }

    private HttpClient client() {
        if (client == null) {
            client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(3)).build();
        }
        return client;
    }
}
