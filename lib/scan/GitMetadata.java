package lib.scan;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jgit.errors.ConfigInvalidException;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.transport.URIish;

/**
 * What the metadata beside the project says: default branch and host of the remote. Reads three small files; runs no git.
 *
 * @param defaultBranch or empty
 * @param remote host of {@code origin}, or empty
 */
record GitMetadata(String defaultBranch, String remote) {
    private static final long MAX_BYTES = 1024 * 1024;
    private static final Pattern REF = Pattern.compile("ref: refs/(?:heads|remotes/origin)/(\\S+)\\s*");

    static GitMetadata of(Path root) {
        return folder(root).map(GitMetadata::read).orElse(new GitMetadata("", ""));
    }

    private static GitMetadata read(Path git) {
        // A linked work tree has its own HEAD; branches and configuration are those of the repository it was made from.
        Path common = text(git.resolve("commondir")).flatMap(t -> path(git, t.strip())).filter(Files::isDirectory).orElse(git);
        String head = branch(common.resolve("refs/remotes/origin/HEAD"));
        if (head.isEmpty()) {
            String current = branch(git.resolve("HEAD"));
            // Somebody may be on a branch of a feature: a branch with a usual name is the default one then.
            head = current.equals("main") || current.equals("master") ? current
                    : hasBranch(common, "main") ? "main" : hasBranch(common, "master") ? "master" : current;
        }
        return new GitMetadata(head, remote(common.resolve("config")));
    }

    private static Optional<Path> folder(Path root) {
        Path git = root.resolve(".git");
        if (Files.isDirectory(git)) {
            return Optional.of(git);
        }
        // In a work tree or a submodule, .git is a file that says where the folder is.
        return text(git).filter(t -> t.startsWith("gitdir:")).flatMap(t -> path(root, t.substring("gitdir:".length()).strip()))
                .filter(p -> Files.isRegularFile(p.resolve("HEAD")) && (Files.isDirectory(p.resolve("objects")) || Files.isRegularFile(p.resolve("commondir"))));
    }

    private static Optional<Path> path(Path root, String text) {
        try {
            return Optional.of(root.resolve(text).normalize());
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private static String branch(Path file) {
        Matcher ref = REF.matcher(text(file).orElse(""));
        return ref.matches() && Shell.isPrintable(ref.group(1)) ? ref.group(1) : "";
    }

    private static boolean hasBranch(Path git, String name) {
        return Files.exists(git.resolve("refs/heads/" + name)) || Files.exists(git.resolve("refs/remotes/origin/" + name))
                || text(git.resolve("packed-refs")).orElse("").lines().anyMatch(l -> l.endsWith(" refs/heads/" + name) || l.endsWith(" refs/remotes/origin/" + name));
    }

    private static String remote(Path file) {
        Config config = new Config();
        try {
            config.fromText(text(file).orElse(""));
            String url = config.getString("remote", "origin", "url");
            String host = url == null ? null : new URIish(url).getHost();
            return host == null || !host.matches("[A-Za-z0-9.-]+") ? "" : host;
        } catch (ConfigInvalidException | URISyntaxException e) {
            return "";
        }
    }

    private static Optional<String> text(Path file) {
        try {
            return Files.isRegularFile(file) && Files.size(file) <= MAX_BYTES
                    ? Optional.of(new String(Files.readAllBytes(file), StandardCharsets.UTF_8)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
