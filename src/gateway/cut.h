/* gateway/cut.h
 * A revocation that ends what goes on already. */
#pragma once
#include "gateway/gateway.h"

/* Ends the calls under way that the token's bearer has made, in all workers. */
void token_cut(struct gateway *gateway, struct text token_id);
