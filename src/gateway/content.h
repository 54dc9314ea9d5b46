/* gateway/content.h
 * What was said in a request, as it is kept where its endpoint wants that (log.content): the input,
 * the messages that were sent, the answer, and the bodies of what went to providers and came back,
 * as one JSON object of at most INPUT_BYTES_MAX, some CONTENT_BYTES_MAX a side, and half of that
 * for bodies; what is cut is marked. */
#pragma once
#include "gateway/request_state.h"

enum {
    CONTENT_BYTES_MAX = 1 << 20,
    INPUT_BYTES_MAX = 256 << 10,
    CONTENT_VIOLATIONS_MAX = 8, /* as many as a row has */
};

/* The messages of a chat, whole: a member `"messages"` of the object that `out` is in. */
void content_put_messages(const struct chat *chat, struct buffer *out);
/* Whether it is to be kept: the endpoint wants that, and guardrails have let the input through. */
bool content_is_kept(const struct request *request);
/* In the request's arena; of a request whose content is kept. */
struct text content_json(struct request *request);
