/* OpenAI's Responses, on the side of their clients. */
#include "surface/responses.h"

static void answer(const struct surface_said *said, struct buffer *out)
{
    buffer_reserve(out, said->answer->content.len * 2 + 2048);
    responses_put_head(said, responses_status_of(said->answer), out);
    responses_put_output(said, out);
    responses_put_tail(said, out);
}

static const struct surface_keeping keeping = {
    .prefix = RESPONSES_PREFIX,
    .refer = responses_refer,
    .keep = responses_keep,
};

const struct surface surface_responses = {
    .name = "responses",
    .streams_only = true,
    .name_call = responses_name,
    .keeping = &keeping,
    .head = &surface_head_openai,
    .read = responses_read,
    .answer = answer,
    .fault = surface_put_fault,
    .stream_bytes = sizeof(struct responses_stream),
    .begin = responses_stream_begin,
    .event = responses_stream_event,
    .end = responses_stream_end,
    .cut = responses_stream_cut,
};
