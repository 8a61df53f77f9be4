package lib.run;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import lib.plan.Job.Stage;
import lib.plan.Job;

/** What came of a local run, for people, as JSON, and as JUnit XML. */
public record RunResult(List<JobResult> jobs, List<String> untracked) {
    public enum Status { PASSED, FAILED, SKIPPED }

    /** @param reason how it failed, or empty; @param output the last lines that it printed */
    public record StepResult(String title, String command, Status status, String reason, double seconds, String output) {}

    /**
     * @param reason why it was skipped or failed, or empty
     * @param runtimes with the versions that it ran on
     * @param notes where these are not the ones of the pipeline, and which entry of a matrix it was
     */
    public record JobResult(String id, String title, Stage stage, Status status, String reason, List<String> runtimes, List<String> notes, List<StepResult> steps, double seconds) {
        private static final String BLOCKED = ", which did not pass";

        static JobResult skipped(Job job, String title, String reason) {
            return new JobResult(job.id(), title, job.stage(), Status.SKIPPED, reason, List.of(), List.of(), List.of(), 0);
        }

        static JobResult blocked(Job job, String title, String needed) {
            return skipped(job, title, "needs " + needed + BLOCKED);
        }

        /** Skipped because of a failure, so that what needs this one has nothing to build on either. */
        boolean isBlocked() {
            return status == Status.SKIPPED && reason.endsWith(BLOCKED);
        }
    }

    public long count(Status status) {
        return jobs.stream().filter(j -> j.status() == status).count();
    }

    /** Nothing was learned: no job ran, or none of those that test. */
    public boolean isEmpty() {
        List<JobResult> tests = jobs.stream().filter(j -> j.stage() == Stage.TEST).toList();
        return (tests.isEmpty() ? jobs : tests).stream().allMatch(j -> j.status() == Status.SKIPPED);
    }

    String summary() {
        return count(Status.PASSED) + (count(Status.PASSED) == 1 ? " job passed, " : " jobs passed, ") + count(Status.FAILED) + " failed, " + count(Status.SKIPPED) + " skipped";
    }

    public ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("passed", count(Status.PASSED)).put("failed", count(Status.FAILED)).put("skipped", count(Status.SKIPPED));
        ArrayNode list = json.putArray("jobs");
        for (JobResult job : jobs) {
            ObjectNode view = list.addObject().put("id", job.id()).put("title", job.title()).put("stage", job.stage().id()).put("status", job.status().name().toLowerCase(Locale.ROOT))
                    .put("reason", job.reason()).put("seconds", rounded(job.seconds()));
            ArrayNode runtimes = view.putArray("runtimes");
            job.runtimes().forEach(runtimes::add);
            ArrayNode notes = view.putArray("notes");
            job.notes().forEach(notes::add);
            ArrayNode steps = view.putArray("steps");
            job.steps().forEach(s -> steps.addObject().put("title", s.title()).put("run", s.command()).put("status", s.status().name().toLowerCase(Locale.ROOT))
                    .put("reason", s.reason())
                    .put("seconds", rounded(s.seconds())).put("output", s.status() == Status.FAILED ? s.output() : ""));
        }
        ArrayNode left = json.putArray("untracked");
        untracked.forEach(left::add);
        return json;
    }

    /** One suite for each job, one case for each step. */
    public String junit() {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter xml = XMLOutputFactory.newFactory().createXMLStreamWriter(text);
            xml.writeStartDocument("UTF-8", "1.0");
            xml.writeStartElement("testsuites");
            for (JobResult job : jobs) {
                xml.writeStartElement("testsuite");
                xml.writeAttribute("name", clean(job.title()));
                xml.writeAttribute("tests", String.valueOf(Math.max(1, job.steps().size())));
                xml.writeAttribute("failures", String.valueOf(job.steps().stream().filter(s -> s.status() == Status.FAILED).count()));
                xml.writeAttribute("skipped", job.status() == Status.SKIPPED ? "1" : "0");
                xml.writeAttribute("time", String.valueOf(rounded(job.seconds())));
                if (job.status() == Status.SKIPPED) {
                    element(xml, job.title(), job.title(), 0, "skipped", job.reason(), "");
                }
                for (StepResult step : job.steps()) {
                    element(xml, job.title(), step.title(), step.seconds(), step.status() == Status.FAILED ? "failure" : "", step.reason() + ": " + step.command(), step.output());
                }
                xml.writeEndElement();
            }
            xml.writeEndElement();
            xml.writeEndDocument();
        } catch (XMLStreamException e) {
            throw new IllegalStateException(e);
        }
        return text + "\n";
    }

    private static void element(XMLStreamWriter xml, String job, String name, double seconds, String outcome, String message, String output) throws XMLStreamException {
        xml.writeStartElement("testcase");
        xml.writeAttribute("classname", clean(job));
        xml.writeAttribute("name", clean(name));
        xml.writeAttribute("time", String.valueOf(rounded(seconds)));
        if (!outcome.isEmpty()) {
            xml.writeStartElement(outcome);
            xml.writeAttribute("message", clean(message));
            xml.writeCharacters(clean(output));
            xml.writeEndElement();
        }
        xml.writeEndElement();
    }

    /** XML 1.0 has no place for most control characters. */
    private static String clean(String text) {
        return text.replaceAll("[^\\u0009\\u000A\\u000D\\u0020-\\uD7FF\\uE000-\\uFFFD\\x{10000}-\\x{10FFFF}]", "\uFFFD");
    }

    private static double rounded(double seconds) {
        return Math.round(seconds * 1000) / 1000.0;
    }
}

/** Asks programs of this machine short questions. */
final class Programs {
    private Programs() {}

    /** What the program answers; nothing when it is not there, fails, or thinks too long. */
    static String answer(List<String> command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectInput(devNull()).start();
            // A few lines; the pipe holds them until it has ended.
            boolean inTime = process.waitFor(20, TimeUnit.SECONDS);
            if (!inTime) {
                process.destroyForcibly();
                return "";
            }
            return process.exitValue() == 0 ? new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8) : "";
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    static java.io.File devNull() {
        return new java.io.File("/dev/null");
    }
}
