import static org.junit.jupiter.api.Assertions.assertEquals;

import lib.scan.Command.Shell;
import org.junit.jupiter.api.Test;

class ShellTest {
    @Test
    void splitsWhatAPlatformWouldReplace() {
        assertEquals("'a'\\$'{{ b }}'", Shell.word("a${{ b }}"));
        assertEquals("'it'\\''s'", Shell.word("it's"));
        assertEquals("test:unit", Shell.word("test:unit"));
    }
}
