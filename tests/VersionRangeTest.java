import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import lib.plan.VersionRange;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VersionRangeTest {
    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(delimiter = ';', nullValues = "-", value = {
        // npm
        "node; >=20; 20 22 24 26; 18",
        "node; >=20, <23; 20 22; 18 24",
        "node; ^20.19.0 || ^22.13.0 || >=24; 20 22 24 26; 18 21 23",
        "node; 20 || 22; 20 22; 18 21 24",
        "node; 18.x; 18; 16 20",
        "node; >20; 21 22; 18 20",
        "node; <=22; 20 22; 23",
        "node; 18 - 22; 18 20 22; 17 23",
        "node; >=22.12; 22 24; 20",
        "node; ~22.11.0; 22; 20 24",
        "node; >=22.0.0-0 <24; 22 23; 24",
        "node; v22; 22; 20",
        "bun; ^1.2; 1 1.2 1.3; 2",
        // PEP 440, and Poetry
        "python; >=3.10; 3.10 3.14; 3.9",
        "python; >=3.8,<4.0; 3.8 3.14; 3.7",
        "python; ~=3.10; 3.10 3.14; 3.9 4.0",
        "python; ~=3.10.2; 3.10; 3.9 3.11",
        "python; ==3.11.*; 3.11; 3.10 3.12",
        "python; >=3.8,!=3.9.*,!=3.10.0; 3.8 3.10 3.11; 3.9",
        "python; >3.11; 3.11 3.12; 3.10",
        "python; <3.13; 3.12; 3.13 3.14",
        "python; <=3.12; 3.12; 3.13",
        "python; >=3.13.0rc1; 3.13; 3.12",
        "python; ^3.11; 3.11 3.14; 3.10 4.0",
        "python; ~3.11; 3.11; 3.10 3.12",
        "python; ^3.9 || ^4.0; 3.9 4.1; 3.8 5.0",
        "python; 3.12; 3.12; 3.11",
        // the rest
        "ruby; >= 3.1; 3.1 4.0; 3.0",
        "ruby; ~> 3.3; 3.3 3.4; 3.2 4.0",
        "ruby; ~> 3.3.0; 3.3; 3.2 3.4",
        "ruby; '>= 3.1, < 4'; 3.1 3.4; 4.0",
        "php; ^7.4 || ^8.0; 7.4 8.0 8.5; 7.3 9.0",
        "php; ^8.1|^9.0; 8.1 9.0; 8.0",
        "php; ~8.1; 8.1 8.4; 8.0 9.0",
        "php; ~8.1.0; 8.1; 8.0 8.2",
        "php; >=8.1 <8.4; 8.1 8.3; 8.0 8.4",
        "php; 8.2.*; 8.2; 8.1 8.3",
        "php; 8.1 - 8.3; 8.1 8.3; 8.0 8.4",
        "go; 1.25; 1.25 1.26; 1.24",
        "go; 1.25.3; 1.25 1.26; 1.24",
        "rust; 1.74; 1.74 1.98; 1.73",
        "rust; >=1.74; 1.74 1.98; 1.73",
        "java; 17; 17 21 25; 11",
        "java; >=11 <18; 11 17; 8 21",
        "java; '[1.8,12)'; 8 11; 17",
        "java; '[17,)'; 17 25; 11",
        "java; '(,1.8]'; 8; 11",
        "java; '[11,12),[17,18)'; 11 17; 8 21",
        "java; 1.8; 8 11; 7",
        "elixir; ~> 1.15; 1.15 1.20; 1.14",
        "elixir; '~> 1.15.7 or ~> 1.17'; 1.15 1.17 1.20; 1.14 1.16",
        "elixir; '>= 1.15.0 and < 1.18.0'; 1.15 1.17; 1.14 1.18",
        "terraform; '~> 1.9'; 1.9 1.15; 1.8",
        "terraform; '>= 1.5.0, < 2.0.0, != 1.6.0'; 1.5 1.6 1.15; 1.4",
        "terraform; = 1.5.7; 1.5; 1.6",
        "dart; '>=3.0.0 <4.0.0'; 3.0 3.13; 2.19 4.0",
        "dart; ^3.5.0; 3.5 3.13; 3.4",
        "flutter; '>=3.22.0'; 3.22 3.44; 3.19",
        "ghc; '>=9.2 && <9.8'; 9.4 9.6; 9.0 9.8",
        "ghc; ^>=9.6; 9.6; 9.4 9.8",
        "dotnet; 8.0.x; 8.0; 9.0",
        "helm; '>=3.8.0-0'; 3 4; 2"
    })
    void allowsTheLinesThatTheRangeCanMeet(String runtime, String text, String allowed, String refused) {
        VersionRange range = VersionRange.parse(runtime, text);
        assertTrue(range.isUnderstood(), text);
        assertEquals(List.of(allowed.split(" ")), of(allowed, refused).filter(range::allows).toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"lts/*", "lts/iron", "node", ">=20 nonsense", ">=", "foo", "20 || ", "$(id)", "'", "[1,2", "(", ">=20; rm -rf /", "=> 2 <>"})
    void saysWhatItDoesNotUnderstandAndThenAllowsEverything(String text) {
        VersionRange range = VersionRange.parse("node", text);
        assertFalse(range.isUnderstood());
        assertTrue(range.allows("20"));
        assertTrue(range.allowsNewest("20"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "*", "x", "latest"})
    void allowsEverythingWhenNothingIsAsked(String text) {
        VersionRange range = VersionRange.parse("node", text);
        assertTrue(range.isUnderstood());
        assertTrue(range.allows("0.1"));
        assertTrue(range.allows("26"));
    }

    @Test
    void knowsWhenTheNewestOfALineIsTooNew() {
        VersionRange range = VersionRange.parse("node", "~22.11.0");
        assertTrue(range.allows("22"));
        assertFalse(range.allowsNewest("22"));
        assertTrue(range.allowsNewest("22.11"));
        assertTrue(VersionRange.parse("node", ">=22.11").allowsNewest("22"));
    }

    @Test
    void judgesExactVersions() {
        VersionRange range = VersionRange.parse("node", ">=22.12 <24");
        assertTrue(range.allows("22.12.0"));
        assertFalse(range.allows("22.11.9"));
        assertFalse(range.allows("24.0.0"));
    }

    @Property(tries = 500)
    void anIntervalAllowsTheLinesThatItMeets(@ForAll @IntRange(max = 5) int lowMajor, @ForAll @IntRange(max = 30) int lowMinor,
            @ForAll @IntRange(max = 5) int highMajor, @ForAll @IntRange(max = 30) int highMinor, @ForAll @IntRange(max = 5) int major,
            @ForAll @IntRange(max = 30) int minor) {
        String text = ">=" + lowMajor + "." + lowMinor + ",<" + highMajor + "." + highMinor;
        int low = lowMajor * 100 + lowMinor;
        int high = highMajor * 100 + highMinor;
        int line = major * 100 + minor;
        for (String runtime : List.of("python", "node", "php", "go", "ruby")) {
            assertEquals(low <= line && line < high, VersionRange.parse(runtime, text).allows(major + "." + minor), runtime + " " + text);
        }
    }

    @Property(tries = 2_000)
    void noTextBreaksIt(@ForAll String text, @ForAll("runtimes") String runtime) {
        VersionRange range = VersionRange.parse(runtime, text);
        range.allows("3.12");
        assertTrue(range.isUnderstood() || range.allows("0.0"));
    }

    @Provide
    Arbitrary<String> runtimes() {
        return Arbitraries.of("node", "python", "java", "php", "go", "terraform", "elixir", "");
    }

    @Test
    void endsSoonWhateverTheLength() {
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(5), () -> {
            for (String piece : List.of(">=1 ", "1.", "|| ", "!=1.1 ", "[1,2),", "9", " ", "1 - 2 || ")) {
                VersionRange.parse("node", piece.repeat(10_000)).allows("20");
                VersionRange.parse("java", piece.repeat(400 / piece.length())).allows("20");
            }
        });
    }

    private static Stream<String> of(String... lists) {
        return Stream.of(lists).flatMap(list -> Stream.of(list.split(" ")));
    }
}
