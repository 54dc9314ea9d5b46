/* gateway/content.h
 * What was said in a request, as it is kept where its endpoint wants that (log.content): the input,
 * the messages that were sent and the answer, as one JSON object of at most INPUT_BYTES_MAX and
 * some CONTENT_BYTES_MAX a side; what is cut is marked. */
#pragma once
#include "gateway/request_state.h"

enum { CONTENT_BYTES_MAX = 1 << 20, INPUT_BYTES_MAX = 256 << 10 };

/* The messages of a chat, whole: a member `"messages"` of the object that `out` is in. */
void content_put_messages(const struct chat *chat, struct buffer *out);
/* In the request's arena; for a request that has called a provider. */
struct text content_json(struct request *request);
