/** The line above which a reply is read; everything below it is our own mail, quoted. Both directions use these words. */
export const REPLY_LINE = 'Reply above this line to ask a question';
