/* What an endpoint does when a call fails or takes long, and what it keeps of it, as far as its
 * keys depend on one another: `on_invalid_output`, `hedge`, `timeout`, `log`. */
#include "config/load.h"

#include "config/value.h"

#include <math.h>

static struct diagnostic *report(struct load *load, const struct document *document, uint32_t cell,
                                 enum diagnostic_code code, const char *message)
{
    return diagnose(load->diagnostics, document, cell, code, "%s", message);
}

bool load_invalid(struct load *load, const struct document *document, uint32_t max_usd,
                  struct endpoint *endpoint)
{
    uint32_t policy = document_member(document, 0, TEXT("on_invalid_output"));
    struct diagnostic *it;

    if (max_usd != CELL_NONE)
        endpoint->invalid.max_nano =
            llround(document_double(document_cell(document, max_usd)) * 1e9);
    if (policy == CELL_NONE || document_member(document, 0, TEXT("output_schema")) != CELL_NONE)
        return true;
    it = report(load, document, key_of(policy), DIAGNOSTIC_E0101,
                "'on_invalid_output' is about the output schema, but the required key "
                "'output_schema' is missing");
    diagnostic_hint(load->diagnostics, it, "add output_schema, or remove 'on_invalid_output'");
    return false;
}

bool load_hedge(struct load *load, const struct document *document, uint32_t after,
                struct hedge_rule *out)
{
    struct diagnostic *it;
    struct text said;

    if (after == CELL_NONE)
        return true;
    out->on = true;
    said = document_text(document, after);
    if (text_equal(said, TEXT("p95")) ||
        (duration_parse(said, &out->after_ms) && out->after_ms > 0))
        return true;
    it = report(load, document, after, DIAGNOSTIC_E0105,
                "'after' is p95 or a duration of at least 1ms");
    diagnostic_hint(load->diagnostics, it, "write after: p95, or after: 800ms");
    return false;
}

/* A part longer than the whole can never be reached: an error when both were written, else the
 * default gives way. */
static bool fit_time(struct load *load, const struct document *document, uint32_t cell,
                     const char *name, uint64_t total_ms, uint64_t *part_ms)
{
    struct arena *arena = load->diagnostics->arena;
    struct text part, total;
    struct diagnostic *it;

    if (*part_ms <= total_ms)
        return true;
    if (cell != CELL_NONE) {
        part = duration_text(arena, *part_ms);
        total = duration_text(arena, total_ms);
        it = diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0104,
                      "'%s' is %.*s, but the call ends after 'total', %.*s", name, TEXT_ARG(part),
                      TEXT_ARG(total));
        diagnostic_hint(load->diagnostics, it, "write total: %.*s or more, or a shorter %s",
                        TEXT_ARG(part), name);
    }
    *part_ms = total_ms;
    return cell == CELL_NONE;
}

bool load_times(struct load *load, const struct document *document, uint32_t root,
                struct endpoint *endpoint)
{
    uint32_t timeout = document_member(document, root, TEXT("timeout")), first, idle;
    struct exchange_times *times = &endpoint->times;
    bool good;

    if (timeout == CELL_NONE || document_cell(document, timeout)->type != CELL_OBJECT)
        return true;
    first = document_member(document, timeout, TEXT("first_token"));
    idle = document_member(document, timeout, TEXT("idle"));
    endpoint->first_token_said = first != CELL_NONE;
    good = fit_time(load, document, first, "first_token", times->total_ms, &times->first_byte_ms);
    return fit_time(load, document, idle, "idle", times->total_ms, &times->idle_ms) && good;
}

bool load_content(struct load *load, const struct document *document, uint32_t root,
                  enum content_word word, struct content_rule *out)
{
    uint32_t log = document_member(document, root, TEXT("log"));
    uint64_t rows_ms = load->config->settings.log_retention_ms;
    struct arena *arena = load->diagnostics->arena;
    struct diagnostic *it;

    out->redacted = word == CONTENT_REDACTED;
    out->kept = word != CONTENT_NONE;
    if (out->retention_ms == 0)
        out->retention_ms = rows_ms;
    if (out->retention_ms <= rows_ms)
        return true;
    it = diagnose(
        load->diagnostics, document, document_member(document, log, TEXT("retention")),
        DIAGNOSTIC_E0104, "'retention' is %.*s, but rows of the log are kept for %.*s only",
        TEXT_ARG(duration_text(arena, out->retention_ms)), TEXT_ARG(duration_text(arena, rows_ms)));
    diagnostic_hint(load->diagnostics, it, "write a longer log: {retention: ...} in pinion.yaml");
    return false;
}
