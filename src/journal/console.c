/* "14:03:07.512 INFO  200 POST /summarize  812.4 ms  openai/gpt-4.1-mini  24+8 tokens  $0.0000224
 * req_01k9...": of a request what one looks for first, and what is unusual about it; of all else
 * the message and every pair. Times are the terminal's own. */
#include "journal/console.h"

#include "base/clock.h"
#include "document/json_read.h"
#include "document/json_write.h"
#include "document/member.h"
#include "document/utf8.h"

#include <stdio.h>
#include <time.h>

struct console {
    struct buffer *out;
    const struct document *document;
    bool colored;
};

#define COLOR_NONE   "0"
#define COLOR_DIM    "2"
#define COLOR_BOLD   "1"
#define COLOR_RED    "31"
#define COLOR_GREEN  "32"
#define COLOR_YELLOW "33"
#define COLOR_CYAN   "36"

/* --- pieces
 * ------------------------------------------------------------------------------------- */

/* Controls, and what turns the direction of text around (Unicode Annex 9), are shown, not obeyed.
 */
static bool is_unruly(uint32_t point)
{
    return point < 0x20 || (point >= 0x7F && point < 0xA0) ||
           (point >= 0x200E && point <= 0x200F) || (point >= 0x2028 && point <= 0x202E) ||
           (point >= 0x2066 && point <= 0x2069);
}

static void put_point(struct buffer *out, uint32_t point, struct text bytes, bool quoted)
{
    if (quoted && (point == '"' || point == '\\'))
        buffer_put_byte(out, '\\');
    if (is_unruly(point))
        buffer_printf(out, "\\u%04x", point);
    else
        buffer_put(out, bytes);
}

static void put_tame(struct buffer *out, struct text text, bool quoted)
{
    while (text.len > 0) {
        uint32_t point;
        size_t len = utf8_decode(text, &point);

        if (len > 0)
            put_point(out, point, text_first(text, len), quoted);
        else
            buffer_put(out, TEXT("\xEF\xBF\xBD"));
        text = text_after(text, len > 0 ? len : 1);
    }
}

static void turn(struct console *console, const char *color)
{
    if (console->colored)
        buffer_printf(console->out, "\x1b[%sm", color);
}

static void put(struct console *console, const char *color, struct text text)
{
    turn(console, color);
    put_tame(console->out, text, false);
    turn(console, COLOR_NONE);
}

/* In quotes where it would be taken for several things. */
static void put_word(struct console *console, struct text word)
{
    bool quoted = word.len == 0;

    for (size_t i = 0; i < word.len && !quoted; i++)
        quoted = strchr(" \"=", word.at[i]) != NULL;
    if (quoted)
        buffer_put_byte(console->out, '"');
    put_tame(console->out, word, quoted);
    if (quoted)
        buffer_put_byte(console->out, '"');
}

static void put_pair(struct console *console, struct text name, uint32_t at)
{
    struct buffer json = {0};

    buffer_put(console->out, TEXT("  "));
    turn(console, COLOR_DIM);
    put_tame(console->out, name, false);
    buffer_put_byte(console->out, '=');
    turn(console, COLOR_NONE);
    if (console->document->cells[at].type == CELL_STRING) {
        put_word(console, document_text(console->document, at));
        return;
    }
    json_put_cell(&json, console->document, at);
    put_tame(console->out, buffer_text(&json), false);
    buffer_release(&json);
}

/* {"team":"search"}: "tag.team=search". */
static void put_tags(struct console *console, uint32_t tags)
{
    const struct document *document = console->document;

    for (uint32_t i = tags + 1; i < document->cells[tags].end; i = document_next(document, i + 1)) {
        struct buffer name = {0};

        buffer_put(&name, TEXT("tag."));
        buffer_put(&name, document_text(document, i));
        put_pair(console, buffer_text(&name), i + 1);
        buffer_release(&name);
    }
}

static void put_part(struct console *console, const char *color, struct text text)
{
    if (text.len == 0)
        return;
    buffer_put(console->out, TEXT("  "));
    put(console, color, text);
}

static void put_words(struct console *console, struct text words)
{
    if (words.len > 0)
        buffer_put(console->out, TEXT("  "));
    put_tame(console->out, words, false);
}

static struct text text_in(const struct console *console, const char *name)
{
    return member_text(console->document, 0, name);
}

/* --- a request
 * ---------------------------------------------------------------------------------- */

/* What is said elsewhere in its line, or is of no use in one. */
static bool is_left_out(struct text name)
{
    static const char *const names[] = {
        "ts",          "level",       "event",         "msg",
        "request_id",  "trace_id",    "span_id",       "method",
        "path",        "status",      "code",          "error",
        "surface",     "version",     "version_hash",  "provider",
        "model",       "upstream_ms", "input_tokens",  "output_tokens",
        "usage",       "cost_usd",    "cached_tokens", "reasoning_tokens",
        "overhead_us", "duration_ms", "bytes_in",      "bytes_out",
        "billed_usd",  "token_id",
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_equal(name, text_of(names[i])))
            return true;
    return false;
}

/* What is so with nearly every request. */
static bool is_usual(const struct console *console, struct text name, uint32_t at)
{
    static const struct {
        const char *name, *value;
    } usual[] = {{"project", "default"}, {"rule", "default"}, {"finish_reason", "stop"}};
    const struct cell *cell = &console->document->cells[at];

    if (text_equal(name, TEXT("attempts")))
        return cell->type == CELL_INTEGER && cell->integer == 1;
    if (text_equal(name, TEXT("ttft_ms")))
        return !member_flag(console->document, 0, "stream");
    if (cell->type == CELL_BOOLEAN)
        return !cell->boolean;
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (text_equal(name, text_of(usual[i].name)) && cell->type == CELL_STRING &&
            text_equal(cell_text(cell), text_of(usual[i].value)))
            return true;
    return text_equal(name, TEXT("endpoint")) && cell->type == CELL_STRING &&
           text_equal(cell_text(cell), text_after(text_in(console, "path"), 1));
}

static const char *status_color(long long status)
{
    if (status >= 500)
        return COLOR_RED;
    return status >= 400 ? COLOR_YELLOW : COLOR_GREEN;
}

/* "0.000022400" without the zeros at its end. */
static void put_cost(struct console *console)
{
    struct text cost = text_in(console, "cost_usd");

    if (cost.len == 0)
        return;
    while (text_ends(cost, TEXT("0")) && text_find_byte(cost, '.') < cost.len)
        cost.len--;
    if (text_ends(cost, TEXT(".")))
        cost.len--;
    buffer_put(console->out, TEXT("  $"));
    put_tame(console->out, cost, false);
}

static void put_tokens(struct console *console)
{
    if (document_member(console->document, 0, TEXT("output_tokens")) != CELL_NONE)
        buffer_printf(console->out, "  %lld+%lld tokens",
                      member_integer(console->document, 0, "input_tokens"),
                      member_integer(console->document, 0, "output_tokens"));
}

/* "812.431" with one place. */
static void put_duration(struct console *console)
{
    struct text ms = text_in(console, "duration_ms");

    buffer_put(console->out, TEXT("  "));
    put_tame(console->out, text_first(ms, text_find_byte(ms, '.') + 2), false);
    buffer_put(console->out, TEXT(" ms"));
}

static void put_target(struct console *console)
{
    struct text provider = text_in(console, "provider");

    if (provider.len == 0)
        return;
    buffer_put(console->out, TEXT("  "));
    turn(console, COLOR_CYAN);
    put_tame(console->out, provider, false);
    buffer_put_byte(console->out, '/');
    put_tame(console->out, text_in(console, "model"), false);
    turn(console, COLOR_NONE);
}

static void put_request(struct console *console)
{
    long long status = member_integer(console->document, 0, "status");
    char digits[24];

    put(console, status_color(status),
        (struct text){digits, (size_t)snprintf(digits, sizeof digits, "%lld", status)});
    buffer_put_byte(console->out, ' ');
    put(console, COLOR_BOLD, text_in(console, "method"));
    buffer_put_byte(console->out, ' ');
    put(console, COLOR_BOLD, text_in(console, "path"));
    put_part(console, status_color(status), text_in(console, "code"));
    put_duration(console);
    put_target(console);
    put_tokens(console);
    put_cost(console);
}

/* --- any line
 * ----------------------------------------------------------------------------------- */

static void put_time(struct console *console)
{
    char clock[16] = "";
    int64_t wall_ms;
    struct tm local;
    time_t seconds;

    if (!clock_parse_rfc3339(text_in(console, "ts"), &wall_ms))
        return;
    seconds = (time_t)(wall_ms / 1000);
    if (localtime_r(&seconds, &local) == NULL || strftime(clock, sizeof clock, "%T", &local) == 0)
        return;
    snprintf(clock + 8, sizeof clock - 8, ".%03d ", (int)(wall_ms % 1000));
    put(console, COLOR_DIM, text_of(clock));
}

static void put_level(struct console *console)
{
    static const struct {
        const char *level, *shown, *color;
    } levels[] = {{"debug", "DEBUG ", COLOR_DIM},
                  {"info", "INFO  ", COLOR_GREEN},
                  {"warn", "WARN  ", COLOR_YELLOW},
                  {"error", "ERROR ", COLOR_RED}};

    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (text_equal(text_in(console, "level"), text_of(levels[i].level)))
            put(console, levels[i].color, text_of(levels[i].shown));
}

static void put_event(struct console *console)
{
    put(console, COLOR_BOLD, text_in(console, "event"));
    put_words(console, text_in(console, "msg"));
}

/* What else there is; a request's own error last, as the longest. */
static void put_rest(struct console *console, bool request)
{
    const struct document *document = console->document;

    for (uint32_t i = 1; i < document->cells[0].end; i = document_next(document, i + 1)) {
        struct text name = document_text(document, i);
        const struct cell *cell = &document->cells[i + 1];

        if (cell->type == CELL_STRING && cell->size == 0)
            continue;
        if (request ? is_left_out(name) || is_usual(console, name, i + 1)
                    : text_equal(name, TEXT("ts")) || text_equal(name, TEXT("level")) ||
                          text_equal(name, TEXT("event")) || text_equal(name, TEXT("msg")))
            continue;
        if (request && cell->type == CELL_OBJECT && text_equal(name, TEXT("tags")))
            put_tags(console, i + 1);
        else
            put_pair(console, name, i + 1);
    }
    if (!request)
        return;
    put_part(console, COLOR_DIM, text_in(console, "request_id"));
    put_words(console, text_in(console, "error"));
}

static void put_line(struct text line, bool colored, struct buffer *out)
{
    struct arena arena = {0};
    struct document document;
    struct console console = {.out = out, .document = &document, .colored = colored};

    if (json_read(line, NULL, &arena, &document, NULL, NULL) &&
        document.cells[0].type == CELL_OBJECT) {
        bool request = text_equal(text_in(&console, "event"), TEXT("request"));

        put_time(&console);
        put_level(&console);
        if (request)
            put_request(&console);
        else
            put_event(&console);
        put_rest(&console, request);
    } else {
        put_tame(out, line, false);
    }
    arena_release(&arena);
}

void console_plain(struct text line, struct buffer *out)
{
    put_line(line, false, out);
}

void console_colored(struct text line, struct buffer *out)
{
    put_line(line, true, out);
}
