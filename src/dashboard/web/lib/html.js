// Preact and htm under one roof. Text in templates is only ever text: nothing parses HTML.
import { h } from '../vendor/preact.js';
import htm from '../vendor/htm.js';

export { Component, Fragment, createContext, h, render } from '../vendor/preact.js';
export { useCallback, useContext, useEffect, useId, useLayoutEffect, useMemo, useReducer, useRef, useState } from '../vendor/hooks.js';
export const html = htm.bind(h);
