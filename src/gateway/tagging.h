/* gateway/tagging.h
 * The tags that a request is written down with: those of its token, and what its caller names in
 * the header Pinion-Tag. They change nothing of what is done for it. */
#pragma once
#include "gateway/request_state.h"

/* Once its token is known. False with request->error for a header that is no list of tags. */
bool tagging_take(struct request *request);
