#include "journal/journal.h"

#include "base/clock.h"
#include "document/json_write.h"

static void put_text(struct buffer *out, const char *name, struct text value)
{
    if (value.len == 0)
        return;
    json_put_text(out, name, value);
}

static void put_number(struct buffer *out, const char *name, int64_t value)
{
    json_put_name(out, name);
    buffer_put_i64(out, value);
}

/* Microseconds as milliseconds with three places. */
static void put_ms(struct buffer *out, const char *name, uint64_t us)
{
    char *digits;

    json_put_count(out, name, us / 1000);
    digits = buffer_reserve(out, 4);
    digits[0] = '.';
    digits[1] = (char)('0' + us % 1000 / 100);
    digits[2] = (char)('0' + us % 100 / 10);
    digits[3] = (char)('0' + us % 10);
    out->len += 4;
}

static void put_call(struct buffer *out, const struct journal_entry *entry)
{
    put_text(out, "rule", entry->rule);
    put_text(out, "provider", entry->provider);
    put_text(out, "model", entry->model);
    if (entry->attempts > 0)
        put_number(out, "attempts", entry->attempts);
    if (entry->first_token_us > 0)
        put_ms(out, "ttft_ms", entry->first_token_us);
    if (entry->upstream_us > 0)
        put_ms(out, "upstream_ms", entry->upstream_us);
    put_text(out, "cache", entry->cache);
    if (!entry->usage_known)
        return;
    put_number(out, "input_tokens", entry->input_tokens);
    put_number(out, "output_tokens", entry->output_tokens);
    put_number(out, "cached_tokens", entry->cached_tokens);
    put_number(out, "reasoning_tokens", entry->reasoning_tokens);
    json_put_name(out, "usage");
    buffer_put(out, entry->usage_reported ? TEXT("\"reported\"") : TEXT("\"estimated\""));
    json_put_usd(out, "cost_usd", entry->cost_nano);
    if (entry->billed_nano != entry->cost_nano)
        json_put_usd(out, "billed_usd", entry->billed_nano);
    put_text(out, "finish_reason", entry->finish_reason);
}

enum log_level journal_level(const struct journal_entry *entry)
{
    return entry->status >= 500 && entry->status != 503 ? LOG_ERROR : LOG_INFO;
}

/* What came of it, in a word that is ours. */
static struct text message_of(const struct journal_entry *entry)
{
    if (entry->status == 499)
        return TEXT("left");
    if (entry->status >= 500)
        return TEXT("failed");
    return entry->status >= 400 ? TEXT("refused") : TEXT("answered");
}

static void put_tags(struct buffer *out, const struct journal_entry *entry)
{
    json_put_name(out, "tags");
    for (size_t i = 0; i < entry->tag_count; i++) {
        buffer_put_byte(out, i == 0 ? '{' : ',');
        json_put_string(out, entry->tags[i].name);
        buffer_put_byte(out, ':');
        json_put_string(out, entry->tags[i].value);
    }
    buffer_put_byte(out, '}');
}

void journal_format(const struct journal_entry *entry, struct buffer *out)
{
    char when[CLOCK_RFC3339_BYTES];

    buffer_put_byte(out, '{');
    put_text(out, "ts", clock_rfc3339(entry->wall_ms, when));
    put_text(out, "level", journal_level(entry) == LOG_ERROR ? TEXT("error") : TEXT("info"));
    put_text(out, "event", TEXT("request"));
    put_text(out, "msg", message_of(entry));
    put_text(out, "request_id", entry->request_id);
    put_text(out, "trace_id", entry->trace_id);
    put_text(out, "span_id", entry->span_id);
    put_text(out, "method", entry->method);
    put_text(out, "path", text_cut(entry->path, 512));
    put_number(out, "status", entry->status);
    put_text(out, "code", entry->code);
    put_text(out, "error", entry->error);
    put_text(out, "surface", entry->surface);
    put_text(out, "project", entry->project);
    put_text(out, "endpoint", entry->endpoint);
    if (entry->version_number > 0)
        put_number(out, "version", (int64_t)entry->version_number);
    put_text(out, "version_hash", text_cut(entry->version, 12));
    put_text(out, "token_id", entry->token_id);
    put_text(out, "session_id", entry->session_id);
    put_call(out, entry);
    json_put_flag(out, "stream", entry->stream);
    put_text(out, "shadow_of", entry->shadow_of);
    put_text(out, "shadow_result", entry->shadow_result);
    if (entry->guardrails.len > 0) {
        json_put_name(out, "guardrails");
        buffer_put(out, entry->guardrails);
    }
    put_number(out, "overhead_us", (int64_t)entry->overhead_us);
    put_ms(out, "duration_ms", entry->duration_us);
    put_number(out, "bytes_in", (int64_t)entry->bytes_in);
    put_number(out, "bytes_out", (int64_t)entry->bytes_out);
    if (entry->tag_count > 0)
        put_tags(out, entry);
    buffer_put_byte(out, '}');
}

static void put_attempt(struct buffer *out, const struct journal_attempt *attempt)
{
    buffer_put_byte(out, '{');
    put_number(out, "n", attempt->number);
    put_text(out, "provider", attempt->provider);
    put_text(out, "model", attempt->model);
    if (attempt->status > 0)
        put_number(out, "status", attempt->status);
    put_text(out, "reason", attempt->reason);
    put_ms(out, "ms", attempt->duration_us);
    put_number(out, "started_us", (int64_t)attempt->began_us);
    if (attempt->first_us > 0)
        put_ms(out, "ttft_ms", attempt->first_us);
    if (attempt->usage_known) {
        put_number(out, "input_tokens", attempt->input_tokens);
        put_number(out, "output_tokens", attempt->output_tokens);
        json_put_usd(out, "cost_usd", attempt->cost_nano);
    }
    buffer_put_byte(out, '}');
}

static void put_attempts(struct buffer *out, const struct journal_entry *entry)
{
    json_put_name(out, "attempt_list");
    for (size_t i = 0; i < entry->attempt_count; i++) {
        buffer_put_byte(out, i == 0 ? '[' : ',');
        put_attempt(out, &entry->attempt_list[i]);
    }
    buffer_put_byte(out, ']');
}

/* {"read":[15,5]}: it began after 15 microseconds, and took 5. */
static void put_stages(struct buffer *out, const struct journal_entry *entry)
{
    json_put_name(out, "stage_us");
    buffer_put_byte(out, '{');
    for (size_t i = 0; i < entry->stage_count; i++) {
        const struct journal_stage *stage = &entry->stage_list[i];

        json_put_name(out, stage->name);
        buffer_put_byte(out, '[');
        buffer_put_i64(out, (int64_t)stage->began_us);
        buffer_put_byte(out, ',');
        buffer_put_i64(out, (int64_t)stage->took_us);
        buffer_put_byte(out, ']');
    }
    buffer_put_byte(out, '}');
}

static void put_costs(struct buffer *out, const struct journal_entry *entry)
{
    json_put_name(out, "cost_split");
    buffer_put_byte(out, '{');
    for (size_t i = 0; i < entry->cost_count; i++) {
        const struct journal_cost *cost = &entry->cost_list[i];

        json_put_name(out, cost->kind);
        buffer_put_byte(out, '{');
        put_number(out, "tokens", cost->tokens);
        json_put_usd(out, "cost_usd", cost->nano);
        buffer_put_byte(out, '}');
    }
    buffer_put_byte(out, '}');
}

static void put_violation(struct buffer *out, const struct journal_violation *violation)
{
    buffer_put_byte(out, '{');
    put_text(out, "schema_path", violation->schema_path);
    put_text(out, "keyword", violation->keyword);
    put_text(out, "expected", violation->expected);
    put_text(out, "got", violation->got);
    if (violation->line > 0) {
        put_number(out, "line", (int64_t)violation->line);
        put_number(out, "column", (int64_t)violation->column);
        put_number(out, "byte", (int64_t)violation->byte);
    }
    buffer_put_byte(out, '}');
}

static void put_violations(struct buffer *out, const struct journal_entry *entry)
{
    json_put_name(out, "violations");
    for (size_t i = 0; i < entry->violation_count; i++) {
        buffer_put_byte(out, i == 0 ? '[' : ',');
        put_violation(out, &entry->violation_list[i]);
    }
    buffer_put_byte(out, ']');
}

void journal_make_row(const struct journal_entry *entry, struct buffer *out)
{
    char when[CLOCK_RFC3339_BYTES];

    out->len--; /* the line's last brace */
    if (entry->attempt_count > 1 ||
        (entry->attempt_count == 1 && entry->attempt_list[0].reason.len > 0))
        put_attempts(out, entry);
    if (entry->why.len > 0)
        put_text(out, "why", entry->why);
    if (entry->routing.len > 0) {
        json_put_name(out, "routing");
        buffer_put(out, entry->routing);
    }
    if (entry->stage_count > 0)
        put_stages(out, entry);
    if (entry->cost_count > 0)
        put_costs(out, entry);
    if (entry->violation_count > 0)
        put_violations(out, entry);
    if (entry->content_until_ms > 0)
        put_text(out, "content_until", clock_rfc3339(entry->content_until_ms, when));
    buffer_put_byte(out, '}');
}

bool journal_write(struct log *log, const struct journal_entry *entry)
{
    struct arena arena = {0};
    struct buffer line = buffer_in(&arena);
    bool written;

    if (!log_wants(log, journal_level(entry)))
        return true;
    journal_format(entry, &line);
    written = log_line(log, buffer_text(&line));
    arena_release(&arena);
    return written;
}
