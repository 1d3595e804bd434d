/** The endpoint of trust budgets: reading. There is none to write: trust is earned. */
import { Type } from 'typebox';
import { TrustFilter, TrustReport } from '../../../schemas/trust.ts';
import type { UseCases } from '../../app/use-cases.ts';
import { isRefusal } from '../../core/commands.ts';
import { route, type Route } from '../route.ts';

const DEFAULT_LIMIT = 20;

const TrustQuery = Type.Object({
  ...TrustFilter,
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: DEFAULT_LIMIT })),
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 1000 })),
});

export function trustRoutes({ trust }: UseCases): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/trust',
      name: 'trust.get',
      summary: 'What each agent has earned, by action type, with the history that earned it',
      query: TrustQuery,
      reply: TrustReport,
      status: 200,
      codes: ['invalid_input', 'forbidden'],
      handle: async ({ principal, query }) => {
        const { limit, cursor, ...filter } = query;
        const report = await trust.report(principal, filter, cursor ?? null, limit ?? DEFAULT_LIMIT);
        return isRefusal(report) ? report : { body: report };
      },
    }),
  ];
}
