/* store/token_record.h
 * A token as stored. Times are wall milliseconds; 0: never. */
#pragma once
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

enum { STORE_DIGEST_BYTES = 32 };

struct token_record {
    struct text id; /* "tok_" + 26 */
    unsigned char digest[STORE_DIGEST_BYTES];
    struct text name;
    struct text hint; /* the secret's last four characters, for people */
    const struct text *scopes;
    size_t scope_count;
    int64_t created_ms, expires_ms, revoked_ms;
    bool test; /* pin_test_, not pin_live_ */
};
