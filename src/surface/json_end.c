#include "surface/json_end.h"

static void take_in_string(struct json_end *end, char byte)
{
    if (end->escaped)
        end->escaped = false;
    else if (byte == '\\')
        end->escaped = true;
    else if (byte == '"')
        end->in_string = false;
}

void json_end_take(struct json_end *end, struct text piece)
{
    for (size_t i = 0; i < piece.len; i++) {
        char byte = piece.at[i];

        if (end->in_string)
            take_in_string(end, byte);
        else if (byte == '"')
            end->in_string = true;
        else if (byte == '{' || byte == '[')
            end->depth++;
        else if ((byte == '}' || byte == ']') && end->depth > 0)
            end->whole = --end->depth == 0;
    }
}
