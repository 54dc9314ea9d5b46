/* gateway/admin_secrets.h
 * The sealed secrets, on the admin listener. They are write-only: what comes back of a value is its
 * last four characters.
 *
 *   GET    /admin/v1/secrets          all, without their values
 *   PUT    /admin/v1/secrets/{name}   {"value": "..."}: seals and stores it; in force with the
 *                                     answer when the configuration as a whole is good
 *   DELETE /admin/v1/secrets/{name}
 *   POST   /admin/v1/secrets/rotate   a new master key, everything sealed anew under it
 */
#pragma once
#include "gateway/request_state.h"

/* Serves a call that is one of these; false when it is none. */
bool admin_secrets_serve(struct request *request);
