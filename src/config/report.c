/* Forms of the same list. Texts of the author's files are quoted in all of them, so none is written
 * without being made harmless first. */
#include "config/report.h"

#include "base/check.h"
#include "config/report_frame.h"
#include "config/report_machine.h"
#include "document/utf8.h"

#include <json-c/json.h>

enum { SNIPPET_BYTES = 400, SNIPPET_BEFORE = 200 };

static const char *severity(const struct diagnostic *diagnostic)
{
    return diagnostic_is_error(diagnostic->code) ? "error" : "warning";
}

static size_t count_unlisted(const struct diagnostics *diagnostics)
{
    return diagnostics->error_count + diagnostics->warning_count - diagnostics->count;
}

static void put_place(struct buffer *out, const struct diagnostic *diagnostic)
{
    frame_put_clean(out, diagnostic->file);
    if (diagnostic->range.start.line > 0)
        buffer_printf(out, ":%u:%u", diagnostic->range.start.line, diagnostic->range.start.column);
}

static void put_human(struct buffer *out, const struct diagnostic *diagnostic,
                      const struct paint *paint)
{
    bool error = diagnostic_is_error(diagnostic->code);
    int gutter = frame_gutter(diagnostic);

    buffer_printf(out, "%s%s[%s]%s%s: ", error ? paint->error : paint->warning,
                  severity(diagnostic), diagnostic_name(diagnostic->code), paint->plain,
                  paint->strong);
    frame_put_clean(out, diagnostic->message);
    buffer_printf(out, "%s\n", paint->plain);
    if (diagnostic->file.len > 0) {
        buffer_printf(out, "%s%*s-->%s ", paint->gutter, gutter, "", paint->plain);
        put_place(out, diagnostic);
        buffer_put_byte(out, '\n');
    }
    frame_write(diagnostic, paint, out);
    if (diagnostic->hint.len > 0) {
        buffer_printf(out, "%s%*s =%s help: ", paint->gutter, gutter, "", paint->plain);
        frame_put_clean(out, diagnostic->hint);
        buffer_put_byte(out, '\n');
    }
    buffer_put_byte(out, '\n');
}

static void write_human(const struct diagnostics *diagnostics, bool colour, struct buffer *out)
{
    static const struct paint bare = {"", "", "", "", ""};
    static const struct paint colours = {"\x1b[1;31m", "\x1b[1;33m", "\x1b[1m", "\x1b[1;34m",
                                         "\x1b[0m"};
    size_t unlisted = count_unlisted(diagnostics);

    for (size_t i = 0; i < diagnostics->count; i++)
        put_human(out, &diagnostics->items[i], colour ? &colours : &bare);
    if (unlisted > 0)
        buffer_printf(out, "... and %zu more, not shown\n", unlisted);
}

static void write_short(const struct diagnostics *diagnostics, struct buffer *out)
{
    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct diagnostic *diagnostic = &diagnostics->items[i];

        put_place(out, diagnostic);
        buffer_printf(out, "%s%s: ", diagnostic->file.len > 0 ? ": " : "", severity(diagnostic));
        frame_put_clean(out, diagnostic->message);
        buffer_printf(out, " [%s]\n", diagnostic_name(diagnostic->code));
    }
}

static struct json_object *object(void)
{
    struct json_object *made = json_object_new_object();

    CHECK(made != NULL);
    return made;
}

/* Takes `value`. */
static void set(struct json_object *into, const char *name, struct json_object *value)
{
    CHECK(json_object_object_add(into, name, value) == 0);
}

static struct json_object *number(uint64_t value)
{
    struct json_object *made = json_object_new_uint64(value);

    CHECK(made != NULL);
    return made;
}

/* A string with what is not UTF-8 replaced. */
static struct json_object *string(struct text text)
{
    struct buffer clean = {0};
    struct json_object *made;

    utf8_put_clean(&clean, text);
    CHECK(clean.len <= INT32_MAX);
    made = json_object_new_string_len(clean.len > 0 ? clean.at : "", (int)clean.len);
    CHECK(made != NULL);
    buffer_release(&clean);
    return made;
}

static struct json_object *position(const struct position *position)
{
    struct json_object *made;

    if (position->line == 0)
        return NULL;
    made = object();
    set(made, "line", number(position->line));
    set(made, "column", number(position->column));
    set(made, "byte", number(position->byte));
    return made;
}

static struct json_object *range(const struct diagnostic *diagnostic)
{
    struct json_object *made = object();

    set(made, "file", string(diagnostic->file));
    set(made, "start", position(&diagnostic->range.start));
    set(made, "end", position(&diagnostic->range.end));
    return made;
}

/* The line of the place, cut around it when it is long. */
static struct json_object *snippet(const struct diagnostic *diagnostic)
{
    struct text line = frame_line(diagnostic);
    size_t before;

    if (diagnostic->source.len == 0 || diagnostic->range.start.line == 0)
        return NULL;
    before = diagnostic->range.start.byte - (size_t)(line.at ? line.at - diagnostic->source.at : 0);
    if (line.len > SNIPPET_BYTES && before > SNIPPET_BEFORE) {
        line = text_after(line, before - SNIPPET_BEFORE);
        while (line.len > 0 && ((unsigned char)line.at[0] & 0xC0) == 0x80)
            line = text_after(line, 1);
    }
    return string(text_cut(line, SNIPPET_BYTES));
}

static struct json_object *entry(const struct diagnostic *diagnostic)
{
    struct json_object *made = object();

    set(made, "severity", string(text_of(severity(diagnostic))));
    set(made, "code", string(text_of(diagnostic_name(diagnostic->code))));
    set(made, "message", string(diagnostic->message));
    set(made, "hint", diagnostic->hint.len > 0 ? string(diagnostic->hint) : NULL);
    set(made, "pointer", string(diagnostic->pointer));
    set(made, "range", range(diagnostic));
    set(made, "snippet", snippet(diagnostic));
    return made;
}

static void write_json(const struct diagnostics *diagnostics, struct buffer *out)
{
    struct json_object *made = object(), *list = json_object_new_array();
    const char *text;

    CHECK(list != NULL);
    set(made, "format_version", string(TEXT("1.0")));
    set(made, "valid", json_object_new_boolean(diagnostics->error_count == 0));
    set(made, "error_count", number(diagnostics->error_count));
    set(made, "warning_count", number(diagnostics->warning_count));
    for (size_t i = 0; i < diagnostics->count; i++)
        CHECK(json_object_array_add(list, entry(&diagnostics->items[i])) == 0);
    set(made, "diagnostics", list);
    text = json_object_to_json_string_ext(made,
                                          JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
    CHECK(text != NULL);
    buffer_put(out, text_of(text));
    buffer_put_byte(out, '\n');
    json_object_put(made);
}

void report_write_under(const struct diagnostics *diagnostics, struct text folder,
                        enum report_form form, bool colour, struct buffer *out)
{
    struct diagnostics sorted = *diagnostics;

    diagnostics_sort(&sorted);
    switch (form) {
    case REPORT_HUMAN:
        write_human(&sorted, colour, out);
        return;
    case REPORT_SHORT:
        write_short(&sorted, out);
        return;
    case REPORT_JSON:
        write_json(&sorted, out);
        return;
    case REPORT_SARIF:
        report_sarif(&sorted, folder, out);
        return;
    case REPORT_GITHUB:
        report_github(&sorted, folder, out);
        return;
    case REPORT_JUNIT:
        report_junit(&sorted, folder, out);
        return;
    }
    NEVER("a report of no form");
}

void report_write(const struct diagnostics *diagnostics, enum report_form form, bool colour,
                  struct buffer *out)
{
    report_write_under(diagnostics, TEXT("."), form, colour, out);
}
