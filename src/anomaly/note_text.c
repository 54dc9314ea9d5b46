#include "anomaly/note_text.h"

#include "anomaly/anomaly.h"
#include "base/clock.h"
#include "document/json_write.h"

/* How each kind is told: the units of its numbers, and the flags that find its calls. */
static const struct words {
    double unit; /* of what is stored; shown with so many */
    int digits;
    const char *sign, *what, *look;
} words[ANOMALY_KIND_COUNT] = {
    [ANOMALY_ERRORS] = {1e4, 1, " %", "of %llu calls in an hour failed", "logs list --status 5xx"},
    [ANOMALY_INVALID_OUTPUT] = {1e4, 1, " %",
                                "of %llu calls in an hour had answers that did not fit",
                                "logs list --code output_schema_violation"},
    [ANOMALY_INVALID_INPUT] = {1e4, 1, " %", "of %llu calls in an hour had inputs that did not fit",
                               "logs list --code input_schema_violation"},
    [ANOMALY_LATENCY] = {1e6, 0, " ms", "is what 95 of 100 of %llu calls in an hour took at most",
                         "logs list --min-duration"},
    [ANOMALY_SPEND] = {1e6, 2, " USD", "is what %llu calls in an hour cost", "usage --by token"},
};

/* NULL: of a kind that is not known any more. */
static const struct words *words_of(const struct note_record *note)
{
    for (int kind = 0; kind < ANOMALY_KIND_COUNT; kind++)
        if (text_equal(note->kind, text_of(anomaly_kind_word((enum anomaly_kind)kind))))
            return &words[kind];
    return NULL;
}

static void put_value(struct buffer *out, const struct words *of, int64_t value)
{
    buffer_printf(out, "%.*f%s", of->digits, (double)value / of->unit, of->sign);
}

void note_put_message(struct buffer *out, const struct note_record *note)
{
    const struct words *of = words_of(note);
    size_t hole;
    struct text what;

    if (of == NULL)
        return;
    what = text_of(of->what);
    hole = text_find(what, TEXT("%llu"));
    put_value(out, of, note->now);
    buffer_put_byte(out, ' ');
    buffer_put(out, text_first(what, hole));
    buffer_put_u64(out, note->calls);
    buffer_put(out, text_after(what, hole + 4));
    buffer_put(out, TEXT(", usually "));
    put_value(out, of, note->usual);
}

void note_put_look(struct buffer *out, const struct note_record *note)
{
    const struct words *of = words_of(note);
    char since[CLOCK_RFC3339_BYTES];

    if (of == NULL)
        return;
    buffer_printf(out, "pinion %s", of->look);
    if (of == &words[ANOMALY_LATENCY]) /* those that took longer than is usual */
        buffer_printf(out, " %.0fms", (double)note->usual / of->unit);
    buffer_printf(out, " --endpoint %.*s --from %.*s", TEXT_ARG(note->endpoint),
                  TEXT_ARG(clock_rfc3339(note->since_ms, since)));
}

static void put_number(struct buffer *out, const char *name, int64_t millionths)
{
    json_put_name(out, name);
    buffer_printf(out, "%.10g", (double)millionths / 1e6);
}

static void put_time(struct buffer *out, const char *name, int64_t wall_ms)
{
    char text[CLOCK_RFC3339_BYTES];

    json_put_text_or_null(out, name, wall_ms > 0 ? clock_rfc3339(wall_ms, text) : (struct text){0});
}

void note_put(struct buffer *out, const struct note_record *note)
{
    struct buffer text = {0};

    buffer_put_byte(out, '{');
    json_put_text(out, "id", note->id);
    json_put_text(out, "endpoint", note->endpoint);
    json_put_text(out, "kind", note->kind);
    json_put_text(out, "state", note->over_ms > 0 ? TEXT("over") : TEXT("open"));
    put_time(out, "noted", note->noted_ms);
    put_time(out, "since", note->since_ms);
    put_time(out, "over", note->over_ms);
    put_number(out, "usual", note->usual);
    put_number(out, "now", note->now);
    put_number(out, "worst", note->worst);
    json_put_count(out, "calls", note->calls);
    note_put_message(&text, note);
    json_put_text(out, "message", buffer_text(&text));
    text.len = 0;
    note_put_look(&text, note);
    json_put_text(out, "look", buffer_text(&text));
    buffer_put_byte(out, '}');
    buffer_release(&text);
}
