/* secret/vault_text.h
 * What of a vault may be shown, as JSON in the admin API's words. Never a value. */
#pragma once
#include "secret/vault.h"

void vault_put_secret(struct buffer *out, const struct vault_secret *secret);
/* Its members alone, for who has more to say of it. */
void vault_put_members(struct buffer *out, const struct vault_secret *secret);
/* {"object": "list", "data": [...], "has_more": false} */
void vault_put_list(struct buffer *out, const struct vault_secret *secrets, size_t count);
void vault_put_rotation(struct buffer *out, const struct vault_rotation *rotation);
