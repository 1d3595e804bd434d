/** The entry: switches Node's compile cache on before anything large is loaded (imports run before statements). */
import { enableCompileCache } from 'node:module';

enableCompileCache();
const { main } = await import('./main.ts');
await main();
