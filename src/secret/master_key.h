/* secret/master_key.h
 * One master key: 256 random bits that seal secrets (AES-256-GCM, NIST SP 800-38D) and open them.
 * What seals is a key derived from it for this one purpose (HKDF, RFC 5869), and so is its id, by
 * which a sealed secret says what opens it. Hold it in secret memory (secret/memory.h) only. */
#pragma once
#include "base/buffer.h"
#include "base/error.h"

enum {
    MASTER_KEY_BYTES = 32,
    MASTER_KEY_CHARS = 44,        /* as base64 */
    MASTER_KEY_ID_CHARS = 3 + 16, /* "mk_" and hex digits */
    SEAL_NONCE_BYTES = 12,
    SEAL_TAG_BYTES = 16,
    SEAL_EXTRA_BYTES = SEAL_NONCE_BYTES + SEAL_TAG_BYTES
};

struct master_key {
    unsigned char bytes[MASTER_KEY_BYTES];
    unsigned char sealing[MASTER_KEY_BYTES];
    char id[MASTER_KEY_ID_CHARS + 1];
};

/* Reads 64 hex digits or base64 of 32 bytes (either alphabet, padded or not). False, and nothing
 * kept, when it is neither, or all bytes are the same. */
bool master_key_parse(struct text written, struct master_key *out);
/* A new one from the kernel's generator. */
void master_key_new(struct master_key *out);
/* As base64, without a NUL. */
void master_key_write(const struct master_key *key, char out[MASTER_KEY_CHARS]);
struct text master_key_id(const struct master_key *key);

/* Appends a random nonce, the bytes enciphered, and the tag over them and `associated`, which must
 * be handed over again to open it. `plain` must not be empty. With 96 random bits of nonce one key
 * is good for 2^32 seals (SP 800-38D, section 8.3). */
void master_key_seal(const struct master_key *key, struct text associated, struct text plain,
                     struct buffer *out);
/* Writes sealed.len - SEAL_EXTRA_BYTES bytes and returns true; or wipes what it wrote and returns
 * false: another key, other associated bytes, a changed or missing byte. Any bytes are safe. */
bool master_key_open(const struct master_key *key, struct text associated, struct text sealed,
                     char *out);
