/* Reads the names of tensors out of a MetaGraphDef, without a protobuf library. */
#ifndef META_GRAPH_H
#define META_GRAPH_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Fields of MetaGraphDef, SignatureDef, TensorInfo and of a map's entries. */
enum { SIGNATURES = 5, INPUTS = 1, OUTPUTS = 2, NAME = 1, DTYPE = 2, KEY = 1, VALUE = 2 };

typedef struct { const uint8_t *at, *end; } Message; /* a serialised protobuf message */

static void give_up(const char *what, const char *why) {
  fprintf(stderr, "%s: %s\n", what, why);
  exit(1);
}

static uint64_t varint(Message *message) {
  uint64_t value = 0;
  for (int shift = 0; message->at < message->end && shift < 64; shift += 7) {
    uint8_t byte = *message->at++;
    value |= (uint64_t)(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return value;
}

/* Takes the next field; its number, or 0 at the end. Numbers go to *number. */
static int next_field(Message *message, Message *content, uint64_t *number) {
  if (message->at >= message->end) return 0;
  uint64_t tag = varint(message), size = 0;
  switch (tag & 7) {
    case 0: *number = varint(message); break;
    case 1: size = 8; break;
    case 2: size = varint(message); break;
    case 5: size = 4; break;
    default: give_up("saved_model.pb", "it can't be read");
  }
  if (size > (uint64_t)(message->end - message->at)) give_up("saved_model.pb", "it is cut off");
  content->at = message->at;
  content->end = message->at += size;
  return (int)(tag >> 3);
}

/* Takes the next field of one number; false where there is none. */
static int take(Message *message, int field, Message *content, uint64_t *number) {
  int found;
  while ((found = next_field(message, content, number)) != 0)
    if (found == field) return 1;
  return 0;
}

static char *text_of(Message message, int field) {
  Message content;
  uint64_t number;
  return take(&message, field, &content, &number)
             ? strndup((const char *)content.at, (size_t)(content.end - content.at))
             : strdup("");
}

/* Takes the next entry of a map: its key, to be freed, and its value; NULL at the end. */
static char *take_entry(Message *message, int field, Message *value) {
  Message entry, rest;
  uint64_t number;
  if (!take(message, field, &entry, &number)) return NULL;
  rest = entry;
  value->at = value->end = NULL;
  take(&rest, VALUE, value, &number);
  return text_of(entry, KEY);
}

/* The signature of this name; gives up where there is none. */
static Message find_signature(Message meta_graph, const char *name) {
  Message signature = {NULL, NULL};
  for (char *key; (key = take_entry(&meta_graph, SIGNATURES, &signature)) != NULL;) {
    int found = strcmp(key, name) == 0;
    free(key);
    if (found) return signature;
  }
  give_up(name, "the model has no such signature");
  return signature;
}

#endif
