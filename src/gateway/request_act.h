/* gateway/request_act.h
 * An act as a request's, for the audit log (audit/event.h): who asks, from where, when. */
#pragma once
#include "gateway/request_state.h"

/* Borrows from the request and `object`. */
struct audit_event request_act(const struct request *request, enum audit_action action,
                               struct text object);
