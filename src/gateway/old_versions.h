/* gateway/old_versions.h
 * Versions of endpoints that are not in force, for calls that name one. They are made of their
 * history when they are first asked for, by one thread of the gateway's, one after the other, and
 * kept, a bounded number, until another configuration is in force: a version is served with the
 * settings of today. */
#pragma once
#include "config/version_name.h"
#include "gateway/request_state.h"

struct old_versions;

enum { OLD_VERSIONS_KEPT = 32, OLD_VERSIONS_WAITING = 256 };

struct old_versions *old_versions_new(struct gateway *gateway);
/* No thread of it runs any more (gateway_jobs_wait). NULL does nothing. */
void old_versions_free(struct old_versions *versions);

/* Has the request served by that version of its endpoint: its configuration is another one then,
 * and its endpoint the only one there. WAIT when it has to be made first, and then the request is
 * resumed; `then` is called before, in its worker's thread, unless request->error says why there is
 * no such version. */
enum verdict old_version_take(struct request *request, const struct version_name *name,
                              void (*then)(struct request *request));
/* The request no longer waits. */
void old_version_forget(struct request *request);
