/* listen/status.h
 * Reason phrases (RFC 9110 section 15); nobody reads them, but curl -v shows them. */
#pragma once

/* Never NULL. */
const char *status_reason(int status);
