/* store/secret_record.h
 * A secret as stored: sealed, and opaque here (secret/secret.h). */
#pragma once
#include "base/text.h"

#include <stdint.h>

struct secret_record {
    struct text name;
    struct text key_id; /* of the master key that opens it */
    struct text sealed;
    int64_t created_ms; /* when its value was set */
};
enum { STORE_SECRETS_MAX = 1000, STORE_SEALED_BYTES_MAX = 65536 + 64 };
