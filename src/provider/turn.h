/* provider/turn.h
 * A conversation for APIs in which two sides take turns and the system's words have one place of
 * their own. Pure; what it gives borrows from the chat. */
#pragma once
#include "base/buffer.h"
#include "chat/chat.h"

/* Messages one after another that are of one side; the system's among them are of neither, and the
 * last one is not. */
struct turn {
    const struct chat_message *messages;
    size_t count;
    bool assistant; /* else the user's, with the results of tools */
};
/* The turn that begins with the message at `at`, which is not the system's. */
struct turn turn_at(const struct chat *chat, size_t at);
/* Adds a text behind an empty line; one of white space alone adds nothing. */
void turn_put_paragraph(struct buffer *system, struct text text);
/* Adds everything that the system says, a paragraph each. */
void turn_put_system(struct buffer *system, const struct chat *chat);
