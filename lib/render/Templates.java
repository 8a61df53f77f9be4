package lib.render;

//DEPS org.freemarker:freemarker:2.3.35
//SOURCES Rendering.java

import freemarker.cache.ClassTemplateLoader;
import freemarker.cache.FileTemplateLoader;
import freemarker.cache.MultiTemplateLoader;
import freemarker.cache.StringTemplateLoader;
import freemarker.cache.TemplateLoader;
import freemarker.core.OutputFormat;
import freemarker.core.TemplateClassResolver;
import freemarker.template.Configuration;
import freemarker.template.Template;
import freemarker.template.TemplateException;
import freemarker.template.TemplateExceptionHandler;
import freemarker.template.TemplateMethodModelEx;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import lib.cli.Failure;

/**
 * Fills the templates below {@code templates/}; a user's folder overrides any of them by the same relative path.
 *
 * <p>Interpolations are written {@code [=name]}, since {@code ${...}} belongs to the shell and to the CI platforms. Each is escaped for the
 * language of the file, so that a value can't break out of its place. Templates can't reach Java classes.
 */
public final class Templates {
    private final Configuration configuration = new Configuration(Configuration.VERSION_2_3_34);

    /** @param overrides a user's folder of templates, or null */
    public Templates(Path overrides) {
        this(overrides, Map.of());
    }

    /**
     * Templates whose tags are in square brackets, {@code [#if x]}: for languages that are full of the other kind.
     *
     * @param macros that every template finds, by a name for messages
     */
    public static Templates withSquareTags(Path overrides, Map<String, String> macros) {
        Templates templates = new Templates(overrides, macros);
        templates.configuration.setTagSyntax(Configuration.SQUARE_BRACKET_TAG_SYNTAX);
        macros.keySet().forEach(templates.configuration::addAutoInclude);
        return templates;
    }

    private Templates(Path overrides, Map<String, String> macros) {
        TemplateLoader own = new ClassTemplateLoader(Templates.class.getClassLoader(), "templates");
        try {
            if (overrides != null && !Files.isDirectory(overrides)) {
                throw Failure.cannotProceed("no such folder of templates: " + overrides, "give the folder that mirrors templates/");
            }
            StringTemplateLoader inMemory = new StringTemplateLoader();
            macros.forEach(inMemory::putTemplate);
            configuration.setTemplateLoader(new MultiTemplateLoader(overrides == null ? new TemplateLoader[] {inMemory, own}
                    : new TemplateLoader[] {inMemory, new FileTemplateLoader(overrides.toFile()), own}));
        } catch (IOException e) {
            throw Failure.cannotProceed("cannot read the templates in " + overrides + ": " + e.getMessage(), "");
        }
        configuration.setDefaultEncoding("UTF-8");
        configuration.setInterpolationSyntax(Configuration.SQUARE_BRACKET_INTERPOLATION_SYNTAX);
        configuration.setTemplateExceptionHandler(TemplateExceptionHandler.RETHROW_HANDLER);
        configuration.setLogTemplateExceptions(false);
        configuration.setWrapUncheckedExceptions(true);
        configuration.setNumberFormat("computer");
        configuration.setLocalizedLookup(false);
        configuration.setNewBuiltinClassResolver(TemplateClassResolver.ALLOWS_NOTHING_RESOLVER);
        configuration.setAutoEscapingPolicy(Configuration.ENABLE_IF_SUPPORTED_AUTO_ESCAPING_POLICY);
        configuration.setSharedVariable("remark", (TemplateMethodModelEx) arguments -> remark(arguments.get(0).toString()));
    }

    /**
     * {@code [=remark(text)?no_esc]}: a text as what stands in a comment of one line: paths in it may hold whatever ends a line, and a
     * backslash with a u is a character to Groovy even there.
     */
    static String remark(String text) {
        StringBuilder line = new StringBuilder();
        text.codePoints().forEach(c -> line.appendCodePoint(YamlFormat.isEscaped(c) ? '?' : c));
        return line.toString().replace("\\u", "\\ u");
    }

    /** @param path below {@code templates/}, without {@code .ftl}; @param format of the file that results */
    public String fill(String path, OutputFormat format, Map<String, Object> model) {
        configuration.setOutputFormat(format);
        try {
            Template template = configuration.getTemplate(path + ".ftl");
            StringWriter out = new StringWriter();
            template.process(model, out);
            return out.toString();
        } catch (FileNotFoundException e) {
            throw Failure.cannotProceed("there is no template " + path + ".ftl", "it belongs below templates/, and into a //FILES line of the class that fills it");
        } catch (IOException | TemplateException e) {
            throw Failure.cannotProceed("template " + path + ".ftl cannot be filled: " + reason(e),
                    "if it is yours, correct it or remove it from the folder given with --templates");
        }
    }

    /** FreeMarker wraps: what is wrong, and where, is said by the innermost. */
    private static String reason(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.toString() : cause.getMessage().lines().limit(6).reduce((a, b) -> a + " " + b).orElse("");
    }
}
