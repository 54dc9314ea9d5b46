/* admin/access.h
 * Who may do what on the admin listener. Its unix socket can be opened by its owner alone (mode
 * 0600), who may do everything without a credential; on a TCP port a credential is always asked
 * for. One that is sent is honoured, and bounds what may be done, on either. */
#pragma once
#include "gateway/request_state.h"

/* Sets request->token where a credential was sent, or where a browser is logged in with one
 * (gateway/browser.h). False with request->error: 403 for any other web page (Fetch, section 3.2:
 * browsers name their page's origin with every POST) and for a Host that is none of this listener's
 * (a page's own name, made to resolve to it); 401; 429. */
bool admin_admit(struct request *request);
/* Whether the asker has the verb (enum admin_verb; 0: every one). */
bool admin_has(const struct request *request, uint32_t verb);
/* Likewise; else 403. */
bool admin_may(struct request *request, uint32_t verb);
/* Whether the asker may make such a token, or change, rotate or revoke it: an operator's credential
 * only with all of its verbs, so that nobody gets more than he has; else 403. */
bool admin_may_grant(struct request *request, const struct token_record *token);
