/** Reading a posted form: names and values as a browser sends them without JavaScript. */
import express, { type Request, type RequestHandler } from 'express';

/** As much as any person types; the same limit as the API's. */
const MAX_FORM_BYTES = 262_144;

/** Reads the body of a form; what is no such form is an empty one. */
export const readForm: RequestHandler = express.text({
  type: 'application/x-www-form-urlencoded',
  limit: MAX_FORM_BYTES,
  inflate: false,
});

/** The fields of a request that `readForm` has read. */
export function formOf({ body }: Request): URLSearchParams {
  return new URLSearchParams(typeof body === 'string' ? body : '');
}
