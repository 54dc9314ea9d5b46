/* SARIF 2.1.0 (OASIS), GitHub's workflow commands and JUnit's XML. What was not listed because of
 * the cap is told in each, so that nobody takes the list for the whole. */
#include "config/report_machine.h"

#include "config/report_frame.h"
#include "document/json_write.h"
#include "document/xml_write.h"

/* Made harmless and well-formed first, as in every form. */
static struct text clean(const struct diagnostics *diagnostics, struct text text)
{
    struct buffer out = buffer_in(diagnostics->arena);

    frame_put_clean(&out, text);
    return buffer_text(&out);
}

/* What is said, and what to do. */
static struct text sentence(const struct diagnostics *diagnostics,
                            const struct diagnostic *diagnostic)
{
    struct text message = clean(diagnostics, diagnostic->message);
    struct text hint = clean(diagnostics, diagnostic->hint);

    return hint.len == 0
               ? message
               : arena_printf(diagnostics->arena, "%.*s; %.*s", TEXT_ARG(message), TEXT_ARG(hint));
}

static struct text path_of(const struct diagnostics *diagnostics, struct text folder,
                           const struct diagnostic *diagnostic)
{
    struct text file = clean(diagnostics, diagnostic->file);

    while (folder.len > 1 && text_ends(folder, TEXT("/")))
        folder.len--;
    if (folder.len == 0 || text_equal(folder, TEXT(".")) || text_equal(folder, file))
        return file;
    folder = clean(diagnostics, folder);
    return arena_printf(diagnostics->arena, "%.*s/%.*s", TEXT_ARG(folder), TEXT_ARG(file));
}

static size_t unlisted(const struct diagnostics *diagnostics)
{
    return diagnostics->error_count + diagnostics->warning_count - diagnostics->count;
}

static const char *level(const struct diagnostic *diagnostic)
{
    return diagnostic_is_error(diagnostic->code) ? "error" : "warning";
}

/* -- SARIF -- */

/* RFC 3986, section 3.3: what may stand in a path goes as it is. */
static struct text uri_of(struct arena *arena, struct text path)
{
    struct buffer out = buffer_in(arena);

    if (path.len > 0 && path.at[0] == '/')
        buffer_put(&out, TEXT("file://"));
    for (size_t i = 0; i < path.len; i++) {
        char byte = path.at[i];
        bool word = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                    (byte >= '0' && byte <= '9');

        if (word || (byte != '\0' && strchr("-._~/@+,=", byte) != NULL))
            buffer_put_byte(&out, byte);
        else
            buffer_printf(&out, "%%%02X", (unsigned char)byte);
    }
    return buffer_text(&out);
}

/* The place of a code among those that occur, which are its rules. */
static size_t rule_index(const enum diagnostic_code *rules, size_t count, enum diagnostic_code code)
{
    size_t i = 0;

    while (i < count && rules[i] != code)
        i++;
    return i;
}

static void put_rule(struct buffer *out, enum diagnostic_code code)
{
    buffer_put_byte(out, '{');
    json_put_text(out, "id", text_of(diagnostic_name(code)));
    json_put_name(out, "shortDescription");
    buffer_put_byte(out, '{');
    json_put_text(out, "text", text_of(diagnostic_title(code)));
    buffer_put(out, TEXT("},\"help\":{"));
    buffer_put(out, TEXT("\"text\":\"`pinion explain-code "));
    buffer_put(out, text_of(diagnostic_name(code)));
    buffer_put(out, TEXT("` says what it means and how to mend it.\"}"));
    json_put_name(out, "defaultConfiguration");
    buffer_printf(out, "{\"level\":\"%s\"}}", diagnostic_is_error(code) ? "error" : "warning");
}

/* A region has no empty lines or columns: what is about a whole file has none. */
static void put_location(struct buffer *out, const struct diagnostics *diagnostics,
                         struct text folder, const struct diagnostic *diagnostic)
{
    const struct range *range = &diagnostic->range;
    struct text path = path_of(diagnostics, folder, diagnostic);

    buffer_put(out, TEXT("{\"physicalLocation\":{\"artifactLocation\":{"));
    json_put_text(out, "uri", uri_of(diagnostics->arena, path));
    buffer_put_byte(out, '}');
    if (range->start.line > 0) {
        buffer_put(out, TEXT(",\"region\":{"));
        json_put_count(out, "startLine", range->start.line);
        json_put_count(out, "startColumn", range->start.column);
        if (range->end.line > 0) {
            json_put_count(out, "endLine", range->end.line);
            json_put_count(out, "endColumn", range->end.column);
        }
        buffer_put_byte(out, '}');
    }
    buffer_put(out, TEXT("}}"));
}

static void put_result(struct buffer *out, const struct diagnostics *diagnostics,
                       struct text folder, const struct diagnostic *diagnostic, size_t rule)
{
    buffer_put_byte(out, '{');
    json_put_text(out, "ruleId", text_of(diagnostic_name(diagnostic->code)));
    json_put_count(out, "ruleIndex", rule);
    json_put_text(out, "level", text_of(level(diagnostic)));
    buffer_put(out, TEXT(",\"message\":{"));
    json_put_text(out, "text", sentence(diagnostics, diagnostic));
    buffer_put(out, TEXT("},\"locations\":["));
    if (diagnostic->file.len > 0)
        put_location(out, diagnostics, folder, diagnostic);
    buffer_put(out, TEXT("],\"properties\":{"));
    json_put_text(out, "pointer", clean(diagnostics, diagnostic->pointer));
    buffer_put(out, TEXT("}}"));
}

/* Whether the tool ran well says nothing of what it found (section 3.20.14). */
static void put_invocation(struct buffer *out, const struct diagnostics *diagnostics)
{
    buffer_put(out, TEXT("],\"invocations\":[{\"executionSuccessful\":true"));
    if (unlisted(diagnostics) > 0)
        buffer_printf(out,
                      ",\"toolExecutionNotifications\":[{\"level\":\"note\",\"message\":{\"text\":"
                      "\"%zu more are not listed\"}}]",
                      unlisted(diagnostics));
    buffer_put(out, TEXT("}],\"columnKind\":\"unicodeCodePoints\"}]}\n"));
}

void report_sarif(const struct diagnostics *diagnostics, struct text folder, struct buffer *out)
{
    enum diagnostic_code rules[DIAGNOSTICS_MAX];
    size_t rule_count = 0;

    for (size_t i = 0; i < diagnostics->count; i++) {
        enum diagnostic_code code = diagnostics->items[i].code;

        if (rule_index(rules, rule_count, code) == rule_count)
            rules[rule_count++] = code;
    }
    buffer_put(out, TEXT("{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\","
                         "\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":{"
                         "\"name\":\"pinion\",\"version\":\"" PINION_VERSION "\",\"rules\":["));
    for (size_t i = 0; i < rule_count; i++) {
        buffer_put(out, i > 0 ? TEXT(",") : TEXT(""));
        put_rule(out, rules[i]);
    }
    buffer_put(out, TEXT("]}},\"results\":["));
    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct diagnostic *it = &diagnostics->items[i];

        buffer_put(out, i > 0 ? TEXT(",") : TEXT(""));
        put_result(out, diagnostics, folder, it, rule_index(rules, rule_count, it->code));
    }
    put_invocation(out, diagnostics);
}

/* -- GitHub -- */

/* As the runner undoes it: of a property also what ends it. */
static void put_command(struct buffer *out, struct text text, bool property)
{
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.at[i];

        if (byte == '%' || byte == '\r' || byte == '\n' ||
            (property && (byte == ':' || byte == ',')))
            buffer_printf(out, "%%%02X", (unsigned char)byte);
        else
            buffer_put_byte(out, byte);
    }
}

void report_github(const struct diagnostics *diagnostics, struct text folder, struct buffer *out)
{
    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct diagnostic *it = &diagnostics->items[i];

        buffer_printf(out, "::%s file=", level(it));
        put_command(out, path_of(diagnostics, folder, it), true);
        if (it->range.start.line > 0) {
            buffer_printf(out, ",line=%u,col=%u", it->range.start.line, it->range.start.column);
            /* Columns are marked only within one line. */
            if (it->range.end.line == it->range.start.line)
                buffer_printf(out, ",endColumn=%u", it->range.end.column);
            else if (it->range.end.line > 0)
                buffer_printf(out, ",endLine=%u", it->range.end.line);
        }
        buffer_printf(out, ",title=%s::", diagnostic_name(it->code));
        put_command(out, sentence(diagnostics, it), false);
        buffer_put_byte(out, '\n');
    }
    if (unlisted(diagnostics) > 0)
        buffer_printf(out, "::notice title=pinion check::%zu more are not listed\n",
                      unlisted(diagnostics));
}

/* -- JUnit -- */

static size_t count_errors(const struct diagnostic *items, size_t count)
{
    size_t errors = 0;

    for (size_t i = 0; i < count; i++)
        errors += diagnostic_is_error(items[i].code);
    return errors;
}

static void put_case(struct buffer *out, const struct diagnostics *diagnostics, struct text path,
                     const struct diagnostic *it)
{
    static const struct paint bare = {"", "", "", "", ""};
    bool error = diagnostic_is_error(it->code);
    struct buffer frame = buffer_in(diagnostics->arena);

    buffer_put(out, TEXT("    <testcase classname=\""));
    xml_put_escaped(out, path);
    buffer_printf(out, "\" name=\"%s", diagnostic_name(it->code));
    if (it->range.start.line > 0)
        buffer_printf(out, " at %u:%u", it->range.start.line, it->range.start.column);
    buffer_put(out, TEXT("\">\n      "));
    frame_write(it, &bare, &frame);
    if (error) {
        buffer_printf(out, "<failure type=\"%s\" message=\"", diagnostic_name(it->code));
        xml_put_escaped(out, sentence(diagnostics, it));
        buffer_put(out, TEXT("\">"));
        xml_put_escaped(out, buffer_text(&frame));
        buffer_put(out, TEXT("</failure>\n"));
    } else {
        buffer_put(out, TEXT("<system-out>warning: "));
        xml_put_escaped(out, sentence(diagnostics, it));
        buffer_put(out, TEXT("</system-out>\n"));
    }
    buffer_put(out, TEXT("    </testcase>\n"));
}

static void put_suite(struct buffer *out, const struct diagnostics *diagnostics, struct text folder,
                      size_t from, size_t count)
{
    const struct diagnostic *items = &diagnostics->items[from];
    struct text path = path_of(diagnostics, folder, items);

    buffer_put(out, TEXT("  <testsuite name=\""));
    xml_put_escaped(out, path);
    buffer_printf(out, "\" tests=\"%zu\" failures=\"%zu\">\n", count, count_errors(items, count));
    for (size_t i = 0; i < count; i++)
        put_case(out, diagnostics, path, &items[i]);
    buffer_put(out, TEXT("  </testsuite>\n"));
}

void report_junit(const struct diagnostics *diagnostics, struct text folder, struct buffer *out)
{
    size_t listed = count_errors(diagnostics->items, diagnostics->count);
    bool clean_run = diagnostics->count == 0;

    buffer_printf(out,
                  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                  "<testsuites name=\"pinion check\" tests=\"%zu\" failures=\"%zu\">\n",
                  clean_run ? 1 : diagnostics->count, listed);
    if (clean_run)
        buffer_put(out, TEXT("  <testsuite name=\"configuration\" tests=\"1\" failures=\"0\">\n"
                             "    <testcase classname=\"configuration\" name=\"is good\"/>\n"
                             "  </testsuite>\n"));
    for (size_t from = 0, next; from < diagnostics->count; from = next) {
        for (next = from + 1; next < diagnostics->count; next++)
            if (!text_equal(diagnostics->items[next].file, diagnostics->items[from].file))
                break;
        put_suite(out, diagnostics, folder, from, next - from);
    }
    if (unlisted(diagnostics) > 0)
        buffer_printf(out, "  <!-- %zu more are not listed -->\n", unlisted(diagnostics));
    buffer_put(out, TEXT("</testsuites>\n"));
}
