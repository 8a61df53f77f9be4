import { label } from './label.js';

document.body.textContent = label(true);
