import { describeCells } from './cells.js';
import { cellIds } from './golden.js';

describeCells(cellIds().filter((id) => id.endsWith('/question-answering')));
