/* What came of a test, as JSON. */
#include "trial/rehearsal.h"

#include "document/json_write.h"

static const char *const end_words[] = {"passed", "failed", "no_run"};

static void put_verdict(const struct verdict_on *verdict, struct buffer *out)
{
    const struct test_assertion *it = verdict->assertion;

    buffer_put_byte(out, '{');
    json_put_text(out, "type", text_of(it != NULL ? assertion_type_name(it->type) : "answered"));
    if (it != NULL && it->pointer.len > 0)
        json_put_text(out, "pointer", it->pointer);
    json_put_flag(out, "passed", verdict->passed);
    if (verdict->skipped)
        json_put_flag(out, "skipped", true);
    if (!verdict->passed || verdict->skipped) {
        json_put_text(out, "expected", verdict->expected);
        json_put_text(out, "got", verdict->got);
    }
    if (verdict->note.len > 0)
        json_put_text(out, "note", verdict->note);
    buffer_put_byte(out, '}');
}

void rehearsal_put(const struct rehearsal *it, struct buffer *out)
{
    buffer_put_byte(out, '{');
    json_put_text(out, "endpoint", it->endpoint->slug);
    json_put_text(out, "name", it->test->name);
    json_put_text(out, "result", text_of(end_words[it->end]));
    if (it->status > 0)
        json_put_count(out, "status", (uint64_t)it->status);
    if (it->route.len > 0)
        json_put_text(out, "route", it->route);
    json_put_name(out, "duration_ms");
    buffer_printf(out, "%.3f", (double)it->duration_us / 1e3);
    json_put_usd(out, "cost_usd", it->cost_nano);
    json_put_count(out, "exchanges", it->exchanges);
    if (it->stale > 0)
        json_put_count(out, "stale_exchanges", it->stale);
    if (it->problem.len > 0)
        json_put_text(out, "problem", it->problem);
    if (it->help.len > 0)
        json_put_text(out, "help", it->help);
    json_put_name(out, "assertions");
    buffer_put_byte(out, '[');
    for (size_t i = 0; i < it->verdict_count; i++) {
        if (i > 0)
            buffer_put_byte(out, ',');
        put_verdict(&it->verdicts[i], out);
    }
    buffer_put(out, TEXT("]}"));
}
