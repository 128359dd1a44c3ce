// SPDX-License-Identifier: EUPL-1.2
import { mount } from 'svelte';
import '$lib/base.css';
import '$lib/i18n/staff';
import App from './App.svelte';

const target = document.getElementById('app');
if (target) mount(App, { target });
