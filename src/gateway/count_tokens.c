/* How many tokens a call would send: it is read, checked and rendered as one, and goes no further.
 * It counts among the calls of its limits, which is all that is left of it. */
#include "gateway/paths.h"
#include "gateway/respond.h"
#include "gateway/stages.h"

static void decided(struct request *request)
{
    struct surface_said said;
    struct buffer body = buffer_in(&request->arena);
    struct http_reply reply = {.status = 200};

    limit_leave(request);
    request->decided = NULL;
    if (request->error.code != ERROR_NONE) {
        request_refuse(request);
        return;
    }
    said = respond_said(request);
    request->surface->answer(&said, &body);
    request->finished = true;
    if (request->gone)
        return;
    respond_headers(request, TEXT("application/json"), &reply);
    reply.body = buffer_text(&body);
    request->client->ops->reply(request->client, &reply);
}

void count_tokens_serve(struct request *request)
{
    request->decided = decided;
    request->decided_after = STAGE_RENDER;
    pipeline_run(request);
}
