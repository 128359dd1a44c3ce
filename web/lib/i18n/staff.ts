// SPDX-License-Identifier: EUPL-1.2
// Gives the desk and the control room their texts; a citizen's page is small without them. Imported before the first text is read.
import { furnish } from './index.svelte';
import { en } from './staff.en';
import { fr } from './staff.fr';

furnish({ fr, en });
