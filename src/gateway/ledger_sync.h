/* gateway/ledger_sync.h
 * Has every worker hand over what it has written down, so that a read that follows sees all
 * requests that were answered before. */
#pragma once
#include "gateway/request_state.h"

/* `done` follows, from the loop, when the store has answered all of them, whatever it answered;
 * not when the request has ended meanwhile. */
void ledger_sync(struct request *request, void (*done)(struct request *request));
