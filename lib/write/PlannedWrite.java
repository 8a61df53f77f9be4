package lib.write;

//DEPS org.eclipse.jgit:org.eclipse.jgit:7.8.1.202611041320-r
//DEPS org.slf4j:slf4j-nop:2.0.20

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import lib.render.Rendering.GeneratedFile;
import org.eclipse.jgit.diff.RawText;
import org.eclipse.jgit.diff.RawTextComparator;
import org.eclipse.jgit.merge.MergeAlgorithm;
import org.eclipse.jgit.merge.MergeChunk;
import org.eclipse.jgit.merge.MergeResult;

/**
 * What is to happen to one file, why, and what it will hold. Knows how texts are compared and merged; not how
 * they get to the disk.
 *
 * <p>Generated text has LF. A working copy may have CRLF without anybody's doing (git's {@code autocrlf}), so texts are compared
 * and merged without regard to it, and a file that has CRLF keeps it. Scripts are the exception when they are written: with CRLF
 * no shell runs them.
 *
 * @param path from the root, with forward slashes
 * @param content with LF, what the file will hold: the text to verify; where nothing can be written, what was rendered
 * @param before the bytes that are there, or null
 * @param after the bytes to write, or null where none are: unchanged, conflict, deletion
 * @param merged hand edits were found and are part of {@code content}
 * @param backup path of the copy to make of {@code before}, or empty
 * @param conflict why nothing can be written, or null
 */
public record PlannedWrite(
        String path, Action action, String content, byte[] before, byte[] after, boolean executable, boolean merged, String backup,
        Conflict conflict) {

    public enum Action {
        CREATE, UPDATE, UNCHANGED, CONFLICT, DELETE;

        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * @param rule of the finding: {@code not-ours}, {@code edited-by-hand}, {@code not-writable}, {@code merge-invalid}
     * @param hunks the places where hand edits and rendering disagree; may be empty
     */
    public record Conflict(String rule, String reason, String hint, List<Hunk> hunks) {}

    /** @param line in the file as it is, counted from 1; either side may be empty */
    public record Hunk(int line, List<String> yours, List<String> generated) {
        private static final int SHOWN = 8;

        /** Both sides, a line each, cut where they are long. */
        public String show() {
            StringBuilder text = new StringBuilder();
            side(text, "yours    ", yours);
            side(text, "generated", generated);
            return text.toString();
        }

        private static void side(StringBuilder text, String label, List<String> lines) {
            if (lines.isEmpty()) {
                text.append("\n  ").append(label).append(" | (removed)");
            }
            lines.stream().limit(SHOWN).forEach(line -> text.append("\n  ").append(label).append(" | ").append(line));
            if (lines.size() > SHOWN) {
                text.append("\n  ").append(label).append(" | … ").append(lines.size() - SHOWN).append(" more lines");
            }
        }
    }

    static PlannedWrite create(String path, String content, boolean executable) {
        return new PlannedWrite(path, Action.CREATE, content, null, utf8(content), executable, false, "", null);
    }

    static PlannedWrite unchanged(String path, String content, byte[] before, boolean executable) {
        return new PlannedWrite(path, Action.UNCHANGED, content, before, null, executable, false, "", null);
    }

    static PlannedWrite update(String path, String content, byte[] before, boolean executable, boolean merged, String backup) {
        byte[] after = utf8(!executable && hasCrLf(before) ? content.replace("\n", "\r\n") : content);
        return new PlannedWrite(path, Action.UPDATE, content, before, after, executable, merged, backup, null);
    }

    /** Only the executable bit is missing. */
    static PlannedWrite madeExecutable(String path, String content, byte[] before) {
        return new PlannedWrite(path, Action.UPDATE, content, before, before, true, false, "", null);
    }

    static PlannedWrite delete(String path, byte[] before) {
        return new PlannedWrite(path, Action.DELETE, "", before, null, false, false, "", null);
    }

    PlannedWrite conflict(Conflict why) {
        return new PlannedWrite(path, Action.CONFLICT, content, before, null, executable, merged, "", why);
    }

    static PlannedWrite conflict(String path, String content, byte[] before, Conflict why) {
        return new PlannedWrite(path, Action.CONFLICT, content, before, null, false, false, "", why);
    }

    /** Looks at what is there and decides. */
    static PlannedWrite decide(OutputFolder folder, GeneratedFile file, Manifest manifest, boolean force) {
        String path = file.path();
        String rendered = file.content();
        byte[] there = null;
        try {
            there = folder.read(path);
            if (there == null) {
                return create(path, rendered, file.executable());
            }
            String text = text(there);
            if (rendered.equals(text)) {
                return !file.executable() || folder.isExecutable(path) ? unchanged(path, rendered, there, file.executable())
                        : madeExecutable(path, rendered, there);
            }
            Manifest.Entry entry = entry(manifest, path, text);
            if (entry != null && matches(entry, text)) {
                return update(path, rendered, there, file.executable(), false, "");
            }
            PlannedWrite kept = entry == null ? notOurs(file, there, manifest) : edited(file, there, text, entry);
            boolean overwrite = force && kept.action() == Action.CONFLICT;
            return overwrite ? update(path, rendered, there, file.executable(), false, folder.backupOf(path, there)) : kept;
        } catch (OutputFolder.Blocked e) {
            return conflict(path, rendered, there, new Conflict("not-writable", e.getMessage(), "", List.of()));
        }
    }

    /** The entry that the text still is, also one of a run that was killed before it came to the manifest; else the recorded one. */
    static Manifest.Entry entry(Manifest manifest, String path, String text) {
        List<Manifest.Entry> known = Stream.concat(Stream.of(manifest), manifest.origin().pending().stream()).map(m -> m.files().get(path))
                .filter(e -> e != null).toList();
        return known.stream().filter(e -> matches(e, text)).findFirst().orElse(known.isEmpty() ? null : known.get(0));
    }

    static boolean matches(Manifest.Entry entry, String text) {
        return text != null && entry.sha256().equals(Manifest.sha256(utf8(text)));
    }

    private static PlannedWrite notOurs(GeneratedFile file, byte[] there, Manifest manifest) {
        String reason = manifest.isPresent() || manifest.origin().raw() == null ? "exists and was not written by this tool"
                : "exists, and without a readable manifest nobody can tell whether it was edited";
        return conflict(file.path(), file.content(), there, new Conflict("not-ours", reason,
                "--force replaces it and keeps a copy (.orig) beside it; --diff shows the difference; --output DIR writes elsewhere", List.of()));
    }

    private static PlannedWrite edited(GeneratedFile file, byte[] there, String text, Manifest.Entry entry) {
        String base = entry.base();
        if (text == null || base == null) {
            String reason = text == null ? "was edited by hand and is no UTF-8 text any more" : "was edited by hand, and the manifest has lost what was generated";
            return conflict(file.path(), file.content(), there, new Conflict("edited-by-hand", reason,
                    "--force replaces it and keeps a copy (.orig) beside it", List.of()));
        }
        Merged merged = merge(base, text, file.content());
        if (!merged.conflicts().isEmpty()) {
            return conflict(file.path(), file.content(), there, new Conflict("edited-by-hand",
                    "was edited by hand where the rendering has changed too",
                    "make these lines equal to the generated ones and run again, or --force: it keeps a copy (.orig) beside it", merged.conflicts()));
        }
        return merged.text().equals(text) ? unchanged(file.path(), text, there, file.executable())
                : update(file.path(), merged.text(), there, file.executable(), true, "");
    }

    /** For a user to read: {@code update .gitlab-ci.yml (your edits stay)}. */
    public String line() {
        String more = !backup.isEmpty() ? " (what it held is kept as " + backup + ")" : merged ? " (your edits stay)" : "";
        return action.id() + " " + path + more;
    }

    /** The bytes that the path will hold, as a reader of the report would hash them. */
    public byte[] bytes() {
        return after != null ? after : action == Action.UNCHANGED ? before : utf8(content);
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static boolean hasCrLf(byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                return i > 0 && bytes[i - 1] == '\r';
            }
        }
        return false;
    }

    /** The text with LF; null where the bytes are no UTF-8, which no merge can keep. */
    static String text(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString().replace("\r\n", "\n");
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** @param text empty where there are conflicts */
    record Merged(String text, List<Hunk> conflicts) {}

    /** Three ways: what was generated last time, what stands there now, what would be generated. */
    static Merged merge(String base, String yours, String generated) {
        MergeResult<RawText> result = new MergeAlgorithm().merge(RawTextComparator.DEFAULT, new RawText(utf8(base)),
                new RawText(utf8(yours)), new RawText(utf8(generated)));
        StringBuilder text = new StringBuilder();
        List<Hunk> conflicts = new ArrayList<>();
        MergeChunk mine = null;
        for (MergeChunk chunk : result) {
            RawText from = result.getSequences().get(chunk.getSequenceIndex());
            switch (chunk.getConflictState()) {
                case NO_CONFLICT -> text.append(from.getString(chunk.getBegin(), chunk.getEnd(), false));
                case FIRST_CONFLICTING_RANGE -> mine = chunk;
                case NEXT_CONFLICTING_RANGE -> conflicts.add(new Hunk(mine.getBegin() + 1,
                        lines(result.getSequences().get(mine.getSequenceIndex()), mine), lines(from, chunk)));
                default -> { } // what the base had there
            }
        }
        return conflicts.isEmpty() ? new Merged(text.toString(), List.of()) : new Merged("", List.copyOf(conflicts));
    }

    private static List<String> lines(RawText text, MergeChunk range) {
        List<String> lines = new ArrayList<>();
        for (int i = range.getBegin(); i < range.getEnd(); i++) {
            lines.add(text.getString(i));
        }
        return lines;
    }
}
