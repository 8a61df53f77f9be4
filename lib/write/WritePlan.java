package lib.write;

//SOURCES PlannedWrite.java Manifest.java FileSink.java DiskSink.java Report.java

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import lib.render.Rendering.GeneratedFile;
import lib.scan.Finding.Evidence;
import lib.scan.Finding;
import lib.write.PlannedWrite.Action;
import lib.write.PlannedWrite.Conflict;

/**
 * What a run would do to the files below a folder, decided before anything is written. Reads the files that were rendered or
 * recorded and no others; changes nothing; knows no platform and no template.
 *
 * <p>A tool uses it so; the sink is what makes a run real, dry or a diff:
 * <pre>{@code
 * Manifest manifest = Manifest.read(root, Manifest.PIPELINE);          // settings(), groups(): what the last run was asked for
 * WritePlan plan = WritePlan.of(root, manifest, new Generation("pipeline_generator " + VERSION, settings, facts, filesByPlatform), force);
 * for (PlannedWrite merged : plan.merged()) {                          // hand edits and rendering together: is it still valid?
 *     plan = problem(merged.content()).isEmpty() ? plan : plan.reject(merged.path(), problem(merged.content()));
 * }
 * report.files(plan);
 * findings.addAll(check ? plan.drift() : plan.findings());
 * FileSink sink = FileSink.chosen(options, console, root);
 * if (!plan.isConflicted() || !(sink instanceof DiskSink)) {           // a DiskSink refuses conflicts, the others show them
 *     sink.write(plan);
 * }
 * return check ? (plan.isUpToDate() ? OK : PROBLEMS) : plan.isConflicted() ? CANNOT_PROCEED : OK;
 * }</pre>
 */
public final class WritePlan {
    private final Manifest before;
    private final Manifest after;
    private final List<PlannedWrite> writes;
    private final List<Finding> left;

    private WritePlan(Manifest before, Manifest after, List<PlannedWrite> writes, List<Finding> left) {
        this.before = before;
        this.after = after;
        this.writes = List.copyOf(writes);
        this.left = List.copyOf(left);
    }

    /**
     * What a run made.
     *
     * @param tool with its version
     * @param settings options without which the files would not come out the same
     * @param facts what the files were made of, by a name that a user understands; not what our own files cause
     * @param files by what they are for (a platform); what earlier runs made for other groups is left alone
     */
    public record Generation(String tool, Map<String, String> settings, Map<String, Manifest.Fact> facts, Map<String, List<GeneratedFile>> files) {}

    /** @param force overwrite, with a backup, what is not ours or can't be merged; edits that merge are kept all the same */
    public static WritePlan of(Path root, Manifest manifest, Generation generation, boolean force) {
        OutputFolder folder = new OutputFolder(root);
        SortedMap<String, GeneratedFile> files = new TreeMap<>();
        SortedMap<String, Set<String>> groups = new TreeMap<>();
        generation.files().forEach((group, list) -> list.forEach(file -> {
            if (!file.equals(files.computeIfAbsent(file.path(), path -> file))) {
                throw new IllegalStateException("rendered twice, with two contents: " + file.path());
            }
            groups.computeIfAbsent(file.path(), p -> new TreeSet<>()).add(group);
        }));
        Manifest after = new Manifest(manifest.kind(), generation.tool(), new TreeMap<>(generation.settings()), new TreeMap<>(generation.facts()),
                new TreeMap<>(), manifest.origin());
        SortedMap<String, PlannedWrite> writes = new TreeMap<>();
        files.forEach((path, file) -> {
            writes.put(path, PlannedWrite.decide(folder, file, manifest, force));
            Set<String> all = new TreeSet<>(groups.get(path));
            Manifest.Entry known = manifest.files().get(path);
            if (known != null) {
                known.groups().stream().filter(group -> !generation.files().containsKey(group)).forEach(all::add);
            }
            Manifest.Entry entry = Manifest.Entry.of(path, all, file.content());
            // Another zlib may pack otherwise; a text that stays keeps its form, so that the manifest does not change with the machine.
            boolean same = known != null && known.sha256().equals(entry.sha256()) && known.base() != null;
            after.files().put(path, same ? new Manifest.Entry(path, all, known.sha256(), known.packed()) : entry);
        });
        List<Finding> left = new ArrayList<>();
        obsolete(folder, manifest, generation.files().keySet(), files.keySet(), after, writes, left);
        return new WritePlan(manifest, after, List.copyOf(writes.values()), left);
    }

    /** What earlier runs made for these groups and this one does not: deleted where nobody has edited it. */
    private static void obsolete(OutputFolder folder, Manifest manifest, Set<String> groups, Set<String> rendered, Manifest after,
            SortedMap<String, PlannedWrite> writes, List<Finding> left) {
        SortedMap<String, Manifest.Entry> known = new TreeMap<>();
        manifest.origin().pending().forEach(m -> known.putAll(m.files()));
        known.putAll(manifest.files());
        known.keySet().removeAll(rendered);
        for (Manifest.Entry entry : known.values()) {
            String path = entry.path();
            if (!groups.containsAll(entry.groups())) {
                after.files().put(path, entry);
                continue;
            }
            try {
                byte[] there = folder.read(path);
                String text = there == null ? null : PlannedWrite.text(there);
                if (there != null && PlannedWrite.matches(PlannedWrite.entry(manifest, path, text), text)) {
                    writes.put(path, PlannedWrite.delete(path, there));
                } else if (there != null) {
                    after.files().put(path, entry);
                    left.add(Finding.warning("no-longer-generated", "is no longer generated; it was edited by hand, so it stays",
                            "delete it if nothing needs it", Evidence.of(path, "manifest")));
                }
            } catch (OutputFolder.Blocked e) {
                left.add(Finding.warning("no-longer-generated", "is no longer generated, and it " + e.getMessage(), "", Evidence.of(path, "manifest")));
            }
        }
    }

    /** The same plan with a conflict there: for merged text that turned out to be invalid. */
    public WritePlan reject(String path, String reason) {
        Conflict conflict = new Conflict("merge-invalid", "was edited by hand, and together with the new rendering it is not valid: " + reason,
                "undo the edit or make it fit, or --force: it keeps a copy (.orig) beside it", List.of());
        return new WritePlan(before, after, writes.stream().map(w -> w.path().equals(path) ? w.conflict(conflict) : w).toList(), left);
    }

    /** Every file, in the order of paths, also those that stay as they are; without the manifest. */
    public List<PlannedWrite> writes() {
        return writes;
    }

    /** What of the writes a report lists: all but deletions, which are findings. */
    public List<PlannedWrite> files() {
        return writes.stream().filter(w -> w.action() != Action.DELETE).toList();
    }

    /** Those that hold hand edits and something new: to be verified before they are written. */
    public List<PlannedWrite> merged() {
        return writes.stream().filter(w -> w.merged() && w.action() == Action.UPDATE).toList();
    }

    public boolean isConflicted() {
        return writes.stream().anyMatch(w -> w.action() == Action.CONFLICT);
    }

    /** Whether the files are what would be written now, hand edits aside. */
    public boolean isUpToDate() {
        return changes().isEmpty();
    }

    /** What is not as it would be written. */
    public List<PlannedWrite> changes() {
        return writes.stream().filter(w -> w.action() != Action.UNCHANGED).toList();
    }

    /** The manifest as one more write: unchanged where it says the same. */
    PlannedWrite manifest() {
        String path = after.kind().path();
        byte[] there = before.origin().raw();
        if (there == null && after.files().isEmpty()) {
            return PlannedWrite.unchanged(path, "", null, false);
        }
        if (there == null) {
            return PlannedWrite.create(path, after.json(), false);
        }
        return before.isPresent() && after.saysTheSameAs(before) ? PlannedWrite.unchanged(path, "", there, false)
                : PlannedWrite.update(path, after.json(), there, false, false, "");
    }

    /** The paths beside which a killed run may have left something. */
    Set<String> touched() {
        Set<String> paths = new TreeSet<>(before.files().keySet());
        before.origin().pending().forEach(m -> paths.addAll(m.files().keySet()));
        paths.addAll(after.files().keySet());
        paths.add(after.kind().path());
        return paths;
    }

    /** What a user should know of a run that writes: conflicts as errors, and a word on whatever is not simply written. */
    public List<Finding> findings() {
        List<Finding> findings = new ArrayList<>(before.origin().findings());
        for (PlannedWrite write : writes) {
            String path = write.path();
            Evidence place = Evidence.of(path, "manifest");
            if (write.conflict() != null) {
                findings.add(finding(path, write.conflict()));
            } else if (!write.backup().isEmpty()) {
                findings.add(Finding.info("backup-kept", "is replaced; what it held is kept as " + write.backup(), "", place));
            } else if (write.merged()) {
                findings.add(Finding.info("hand-edits-kept", "was edited by hand; the edits stay, and what changed is merged in", "", place));
            } else if (write.action() == Action.DELETE) {
                findings.add(Finding.info("no-longer-generated", "is no longer generated and nobody edited it: it is removed", "", place));
            }
        }
        findings.addAll(left);
        return findings;
    }

    private static Finding finding(String path, Conflict conflict) {
        StringBuilder message = new StringBuilder(conflict.reason());
        conflict.hunks().forEach(hunk -> message.append("\n  line ").append(hunk.line()).append(':').append(hunk.show()));
        Evidence[] places = conflict.hunks().stream().map(hunk -> new Evidence(path, hunk.line(), "manifest")).toArray(Evidence[]::new);
        return Finding.error(conflict.rule(), message.toString(), conflict.hint(), places.length > 0 ? places : new Evidence[] {Evidence.of(path, "manifest")});
    }

    /** A fact or setting that is not what it was. @param before empty when it is new; @param after empty when it is gone */
    public record Changed(String name, Manifest.Fact before, Manifest.Fact after) {
        @Override
        public String toString() {
            return name + ": " + show(before) + " → " + show(after);
        }

        private static String show(Manifest.Fact fact) {
            return fact == null ? "(none)" : fact.place().isEmpty() ? fact.value() : fact.value() + " (" + fact.place() + ")";
        }
    }

    /** The facts whose values differ from those that the files were made of; none without a manifest. */
    public List<Changed> changedFacts() {
        return before.isPresent() ? changed(before.facts(), after.facts()) : List.of();
    }

    private static List<Changed> changed(Map<String, Manifest.Fact> before, Map<String, Manifest.Fact> after) {
        Set<String> names = new TreeSet<>(before.keySet());
        names.addAll(after.keySet());
        return names.stream().map(name -> new Changed(name, before.get(name), after.get(name)))
                .filter(c -> c.before() == null || c.after() == null || !c.before().value().equals(c.after().value())).toList();
    }

    /**
     * What a user should know of a run that only compares: every file that differs, then every fact and setting that changed since it
     * was generated. Empty when no file differs, whatever else changed: then there is nothing to do.
     */
    public List<Finding> drift() {
        List<Finding> findings = new ArrayList<>(before.origin().findings());
        for (PlannedWrite write : changes()) {
            findings.add(Finding.error("drift", difference(write), "run the tool again without --check and commit what it writes",
                    Evidence.of(write.path(), "manifest")));
        }
        if (isUpToDate()) {
            return findings;
        }
        changedFacts().forEach(fact -> findings.add(Finding.error("fact-changed", fact.toString(), "", place(fact))));
        if (before.isPresent()) {
            SortedMap<String, Manifest.Fact> was = new TreeMap<>();
            before.settings().forEach((name, value) -> was.put(name, new Manifest.Fact(value, "")));
            SortedMap<String, Manifest.Fact> is = new TreeMap<>();
            after.settings().forEach((name, value) -> is.put(name, new Manifest.Fact(value, "")));
            changed(was, is).forEach(setting -> findings.add(Finding.error("setting-changed", setting.toString(), "", place(setting))));
        }
        if (before.isPresent() && !before.tool().equals(after.tool())) {
            findings.add(Finding.info("version-changed", "generated by " + before.tool() + ", compared by " + after.tool(), "", manifestPlace()));
        }
        return findings;
    }

    private static String difference(PlannedWrite write) {
        return switch (write.action()) {
            case CREATE -> "is missing";
            case DELETE -> "would no longer be generated";
            case CONFLICT -> write.conflict().reason();
            default -> write.merged() ? "would change (edits by hand would be kept)" : "is not what would be generated now";
        };
    }

    private Evidence place(Changed changed) {
        String place = (changed.after() == null ? changed.before() : changed.after()).place();
        int colon = place.lastIndexOf(':');
        boolean line = colon > 0 && place.substring(colon + 1).matches("[0-9]{1,9}");
        // Of a fact that is gone the file is worth a look, but the line is another by now.
        return place.isEmpty() ? manifestPlace() : new Evidence(line ? place.substring(0, colon) : place,
                line && changed.after() != null ? Integer.parseInt(place.substring(colon + 1)) : 0, "manifest");
    }

    private Evidence manifestPlace() {
        return Evidence.of(after.kind().path(), "manifest");
    }
}
