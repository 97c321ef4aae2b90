/** Reads an answer's body as text, piece by piece as it arrives. */
export function reader(response) {
  return response.body.pipeThrough(new TextDecoderStream()).getReader();
}
