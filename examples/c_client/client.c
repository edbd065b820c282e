/* Asks an exported SavedModel through TensorFlow's C API: no Python, nothing of automl.
 *
 *   client MODEL serve_bytes photo.png               an encoded file
 *   client MODEL serving_default text.txt            a text, for a model of texts
 *   client MODEL serving_default pixels.raw 28,28,1  numbers in the model's own dtype
 *
 * Prints each output of the signature: its name, a tab, and its values.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tensorflow/c/c_api.h"
#include "tensorflow/c/tf_tstring.h"

#include "meta_graph.h"

enum { MOST_OUTPUTS = 8, MOST_DIMENSIONS = 6 };

static void check(TF_Status *status, const char *what) {
  if (TF_GetCode(status) != TF_OK) give_up(what, TF_Message(status));
}

static TF_Output tensor_of(TF_Graph *graph, Message info) {
  char *name = text_of(info, NAME), *colon = strrchr(name, ':');
  if (colon) *colon = '\0';
  TF_Output output = {TF_GraphOperationByName(graph, name), colon ? atoi(colon + 1) : 0};
  if (!output.oper) give_up(name, "there is no such operation in the graph");
  free(name);
  return output;
}

static TF_Buffer *read_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) give_up(path, "it can't be opened");
  fseek(file, 0, SEEK_END);
  size_t size = (size_t)ftell(file);
  rewind(file);
  char *content = malloc(size + 1);
  if (!content || fread(content, 1, size, file) != size) give_up(path, "it can't be read");
  fclose(file);
  TF_Buffer *buffer = TF_NewBufferFromString(content, size);
  free(content);
  return buffer;
}

/* A batch of one: the file as a string, or as numbers of the shape given. */
static TF_Tensor *make_input(TF_DataType dtype, const TF_Buffer *file, const char *shape) {
  int64_t dimensions[MOST_DIMENSIONS] = {1};
  int rank = 1;
  if (dtype == TF_STRING) {
    TF_Tensor *tensor = TF_AllocateTensor(TF_STRING, dimensions, 1, sizeof(TF_TString));
    TF_StringInit(TF_TensorData(tensor));
    TF_StringCopy(TF_TensorData(tensor), file->data, file->length);
    return tensor;
  }
  size_t size = TF_DataTypeSize(dtype);
  for (const char *at = shape; at && rank < MOST_DIMENSIONS; at = strchr(at, ',')) {
    at += *at == ',';
    dimensions[rank] = atoll(at);
    size *= (size_t)dimensions[rank++];
  }
  if (size != file->length) give_up("shape", "it does not fit the size of the file");
  TF_Tensor *tensor = TF_AllocateTensor(dtype, dimensions, rank, size);
  memcpy(TF_TensorData(tensor), file->data, size);
  return tensor;
}

static void print_tensor(const char *name, const TF_Tensor *tensor) {
  const void *data = TF_TensorData(tensor);
  printf("%s", name);
  for (int64_t i = 0; i < TF_TensorElementCount(tensor); i++) {
    const TF_TString *string = (const TF_TString *)data + i;
    if (TF_TensorType(tensor) == TF_STRING)
      printf("\t%.*s", (int)TF_StringGetSize(string), TF_StringGetDataPointer(string));
    else if (TF_TensorType(tensor) == TF_BOOL)
      printf("\t%d", ((const uint8_t *)data)[i]);
    else
      printf("\t%.7g", ((const float *)data)[i]);
  }
  printf("\n");
}

int main(int count, char **arguments) {
  if (count < 4) give_up("usage", "client MODEL SIGNATURE FILE [SHAPE]");
  TF_Status *status = TF_NewStatus();
  TF_Graph *graph = TF_NewGraph();
  TF_SessionOptions *options = TF_NewSessionOptions();
  TF_Buffer *meta_graph = TF_NewBuffer(), *file = read_file(arguments[3]);
  const char *tags[] = {"serve"};
  TF_Session *session = TF_LoadSessionFromSavedModel(
      options, NULL, arguments[1], tags, 1, graph, meta_graph, status);
  check(status, arguments[1]);

  const uint8_t *start = meta_graph->data;
  Message whole = {start, start + meta_graph->length};
  Message signature = find_signature(whole, arguments[2]);
  Message rest = signature, info, content;
  uint64_t dtype = 0;
  char *name = take_entry(&rest, INPUTS, &info);
  if (!name) give_up(arguments[2], "it takes no input");
  TF_Output input = tensor_of(graph, info);
  take(&info, DTYPE, &content, &dtype);
  free(name);

  TF_Output outputs[MOST_OUTPUTS];
  TF_Tensor *answers[MOST_OUTPUTS];
  char *names[MOST_OUTPUTS];
  int asked = 0;
  rest = signature;
  while (asked < MOST_OUTPUTS && (names[asked] = take_entry(&rest, OUTPUTS, &info)))
    outputs[asked++] = tensor_of(graph, info);

  TF_Tensor *batch = make_input((TF_DataType)dtype, file, count > 4 ? arguments[4] : NULL);
  TF_SessionRun(session, NULL, &input, &batch, 1, outputs, answers, asked, NULL, 0, NULL, status);
  check(status, arguments[3]);
  for (int i = 0; i < asked; i++) {
    print_tensor(names[i], answers[i]);
    TF_DeleteTensor(answers[i]);
    free(names[i]);
  }

  TF_DeleteTensor(batch);
  TF_DeleteBuffer(file);
  TF_DeleteBuffer(meta_graph);
  TF_CloseSession(session, status);
  TF_DeleteSession(session, status);
  TF_DeleteSessionOptions(options);
  TF_DeleteGraph(graph);
  TF_DeleteStatus(status);
  return 0;
}
