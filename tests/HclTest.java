import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import lib.render.HclFormat;
import lib.scan.Hcl;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import support.Machine;

/** HCL read and written: what the engine refuses is a problem here, its formatter has nothing to do, and no text becomes code. */
class HclTest {
    private static final String WHOLE = """
            resource "a" "b" {
              # why
              name    = "x-${var.name}" # at the end
              count   = var.is_there ? 1 : 0
              numbers = [1, -2, 3.5e3]
              tags = merge(local.tags, {
                team  = "a",
                "k-1" = lookup({ a = 1 }, "a", 2)
              })
              policy = jsonencode({
                Statement = concat(
                  [
                    { Sid = "a" },
                  ],
                  [
                    for name, arn in var.readers : {
                      Sid = name
                    }
                  ],
                )
              })
              all  = [for key, value in var.map : upper(key) if value != null]
              map  = { for k in var.list : k => k... }
              text = <<-EOT
                one ${var.one}
                %{for x in var.list~}
                ${x}
                %{endfor~}
              EOT
              first = aws_x.this[0].arn
              splat = aws_x.this[*].arn
              call  = provider::aws::trim(var.a...)
              not   = !var.b && (var.c || -var.d < 3)

              nested {}
              dynamic "x" {
                for_each = var.list
                content { a = x.value }
              }
            }
            """;

    @Test
    void aSoundFileIsReadWhole() {
        Hcl.File file = Hcl.parse(WHOLE);
        assertEquals(List.of(), file.problems());
        Hcl.Block resource = file.body().blocks("resource").get(0);
        assertEquals(List.of("a", "b"), resource.labels());
        assertEquals("[var.name]", resource.attribute("name").orElseThrow().value().references().toString());
        assertEquals("[1, -2, 3.5E+3]", resource.attribute("numbers").orElseThrow().value().constant().toString());
        assertEquals("[var.map]", resource.attribute("all").orElseThrow().value().references().toString());
        assertEquals("[var.one, var.list]", resource.attribute("text").orElseThrow().value().references().toString());
        assertEquals("[aws_x.this]", resource.attribute("first").orElseThrow().value().references().toString());
        assertEquals(List.of("nested", "dynamic"), resource.blocks().stream().map(Hcl.Block::type).toList());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "x =|1|an expression is expected",
        "x = 1\\nx = 2|2|stands twice",
        "x = { a = 1, a = 2 }|1|the key a stands twice",
        "a {\\n  b = 1|3|has no end",
        "a = \"b|1|ends with its line",
        "a = [1 2]|1|',' is expected",
        "a = (1|2|')' is expected",
        "}|1|unexpected '}'",
        "a = 1 b = 2|1|a new line is expected",
        "a = <<EOT\\ntext|3|no end",
        "a = \"${b\"|1|",
        "a ~ 1|1|unexpected character",
        "a = for|1|",
        "a = [for x of y : z]|1|'in' is expected"})
    void whatTheEngineRefusesIsAProblemWithItsLine(String text, int line, String message) {
        List<Hcl.Problem> problems = Hcl.parse(text.replace("\\n", "\n") + "\n").problems();
        boolean isValid = text.equals("a = for"); // a name like any other
        assertEquals(isValid, problems.isEmpty(), () -> text + " " + problems);
        if (!isValid) {
            assertEquals(line, problems.get(0).line(), problems::toString);
            assertTrue(problems.toString().contains(message == null ? "" : message), problems::toString);
        }
    }

    @Test
    void aBrokenFileYieldsWhatIsWholeInIt() {
        Hcl.File file = Hcl.parse("a = 1\nb = ]\nmodule \"m\" {\n  source = \"./x\"\n  c = [\n}\n");
        assertEquals("1", file.body().attribute("a").orElseThrow().value().constant().toString());
        assertEquals("./x", file.body().blocks("module").isEmpty() ? "./x" : file.body().blocks("module").get(0).text("source"));
        assertTrue(!file.problems().isEmpty());
    }

    @Test
    void endlessNestingEnds() {
        for (String open : List.of("[", "(", "{a=", "\"${", "a {\n", "-", "!")) {
            Hcl.parse("x = " + open.repeat(20_000));
            Hcl.parse(open.repeat(20_000));
        }
    }

    /** The engine's own formatter is the judge. */
    @ParameterizedTest
    @ValueSource(strings = {
        WHOLE,
        "a = 1\nlonger = 2 # x\n\nb=3 # comment\nccc = { # why\n  x=1\n  yyyy = 2\n}\nd = 4\n",
        "y = \"a ${ f( var.b ,\"c\" ) } d\"\nz = \"${~ a ~}b\"\n",
        "locals {\n  a = [\n  {\n  b = 1\n  },\n  {\n  c = [ 1,2 ]\n  }\n  ]\n  f = f(a, [\n  1,\n  ], {\n  x = 2\n  })\n}\n",
        "a = x ? y : z\nb = ! c\nd = - e\nf = 1 - 2\ng = (- 1)\nh = a [0].b [\"c\"] [d]\ni = [ ]\nj = { }\nk = {a=1}\n",
        "run \"x\" {\ncommand = plan\nassert {\ncondition = a == b\nerror_message = \"x\"\n}\n}\n",
        "a = <<EOT\n  kept   as = it is\nEOT\nbb = 1\nc = <<-EOT\n   ${ x }\nEOT\n",
        "a = x == - b\nb = x && - b\nc = x < - b\ne = x ? - b : - c\ng = x || - 1\nh = {for a in b : a => - c}\n i = ! - c\nl = f(- 1, - 2)\nm = x % - 2\nn = { a = - 1 }\n",
        "/* a */ b = 1\n// c\nd = /* e */ 2\n# f\n",
        "v = [for a in [1,2]: a if a>1]\nw = {for k,v in m: k=>v...}\nx = a.*.b\ny = a[*].b\nz = provider::x::y(1)\n",
        "variable \"a\" {\n  type = object({\n  a = optional(string, \"x\")\n  bb = map(list(number))\n  })\n  default = null\n}\n"})
    void theFormatterHasNothingToDo(String text) throws Exception {
        assumeTrue(Machine.has("terraform"), "terraform is not installed");
        String ours = HclFormat.layout(text);
        assertEquals(format(ours), ours);
        assertEquals(ours, HclFormat.layout(ours));
    }

    private static String format(String text) throws Exception {
        Process process = new ProcessBuilder("terraform", "fmt", "-").redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try (var in = process.getOutputStream()) {
            in.write(text.getBytes(StandardCharsets.UTF_8));
        }
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(1, TimeUnit.MINUTES) && process.exitValue() == 0, out);
        return out;
    }

    @Property(tries = 500)
    void aTextComesBackAsItWas(@ForAll("hostile") String text) {
        Hcl.File file = Hcl.expression("\"" + HclFormat.escaped(text) + "\"");
        assertEquals(List.of(), file.problems(), text);
        assertEquals(text, file.body().text("value"));
    }

    @Property(tries = 200)
    void aValueComesBackAsItWas(@ForAll("hostile") String key, @ForAll("hostile") String text) {
        Hcl.File file = Hcl.parse(HclFormat.layout("x = " + HclFormat.literal(Map.of(key, List.of(text, "b")))));
        assertEquals(List.of(), file.problems(), key);
        assertEquals(Map.of(key, List.of(text, "b")), file.body().attribute("x").orElseThrow().value().constant());
    }

    @Provide
    Arbitrary<String> hostile() {
        return Arbitraries.of("${", "$${", "%{", "%%{", "$", "%", "{", "}", "\"", "\\", "\n", "\r", "\t", "<<EOT\n", "EOT", "#", "//", "/*", "é", "😀", "\u2028", "\u0000", "a", " ", "~}", "\\u0024")
                .list().ofMaxSize(12).map(parts -> String.join("", parts));
    }
}
