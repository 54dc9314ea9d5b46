/* document/member.h
 * Members of an object by their names, for who shows them: what is not there, is null or of another
 * type is empty, 0 or false. Who has to tell those apart asks document_member. */
#pragma once
#include "document/document.h"

/* A string, or a number that is no int64_t as it was written; borrowed from the document. */
struct text member_text(const struct document *document, uint32_t object, const char *name);
/* An integer; what has a fraction or an exponent is none. */
long long member_integer(const struct document *document, uint32_t object, const char *name);
bool member_flag(const struct document *document, uint32_t object, const char *name);
