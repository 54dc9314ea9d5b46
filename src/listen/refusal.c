#include "listen/refusal.h"

#include "base/clock.h"
#include "base/id.h"
#include "document/json_write.h"
#include "journal/journal.h"
#include "journal/metrics.h"

#include <stdio.h>

struct refusal refusal_make(struct arena *arena, const struct error *err, int status)
{
    const struct error_row *row = error_row(err->code);
    struct buffer out = buffer_in(arena);
    struct refusal refusal = {.status = status ? status : row->status};

    refusal.request_id = id_new(arena, "req_", clock_wall_ms());
    buffer_put(&out, TEXT("{\"ok\":false,\"error\":{"));
    json_put_text(&out, "message", text_of(err->message));
    json_put_text(&out, "type", text_of(row->type));
    json_put_text(&out, "code", text_of(row->word));
    json_put_name(&out, "param");
    if (err->at[0] != '\0')
        json_put_string(&out, text_of(err->at));
    else
        buffer_put(&out, TEXT("null"));
    json_put_text(&out, "request_id", refusal.request_id);
    if (err->hint[0] != '\0')
        json_put_text(&out, "hint", text_of(err->hint));
    json_put_text(&out, "doc", arena_printf(arena, "/docs/errors#%s", row->word));
    buffer_put(&out, TEXT(",\"details\":{}}}"));
    refusal.body = buffer_text(&out);
    return refusal;
}

void refusal_note(struct worker_thread *thread, const struct refusal *refusal,
                  const struct error *err, struct text method, struct text path)
{
    char status[16];
    struct text labels[METRIC_LABELS_MAX] = {[2] = text_of(error_row(err->code)->word)};
    struct journal_entry entry = {
        .wall_ms = clock_wall_ms(),
        .request_id = refusal->request_id,
        .method = method,
        .path = path,
        .status = refusal->status,
        .code = labels[2],
        .error = text_of(err->message),
        .bytes_out = refusal->body.len,
    };

    snprintf(status, sizeof status, "%d", refusal->status);
    labels[1] = text_of(status);
    if (thread->worker.metrics != NULL)
        metric_add(thread->worker.metrics, METRIC_REQUESTS, labels, 1);
    if (thread->server->gateway->log != NULL)
        journal_write(thread->server->gateway->log, &entry);
}
